{{/* KEDA's part of a pool. Takes root, component, pool, name, on. */}}
{{- define "doppelcast.scaling" -}}
{{- $auto := .on.autoscaling }}
{{- $streams := eq .on.kind "stream" }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "doppelcast.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: {{ .name }}}
  pollingInterval: {{ $auto.pollingInterval | int64 }}
  cooldownPeriod: {{ $auto.cooldownPeriod | int64 }}
  minReplicaCount: {{ $auto.minReplicas }}
  maxReplicaCount: {{ $auto.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          {{- if $streams }}
          # Streams are on air there: a pool grows by itself, and shrinks when somebody drains it.
          selectPolicy: Disabled
          {{- else }}
          stabilizationWindowSeconds: {{ $auto.scaleDownSeconds }}
          {{- end }}
  triggers:
    {{- if eq $auto.trigger "prometheus" }}
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $auto.serverAddress | quote }}
        query: {{ tpl $auto.query .root | quote }}
        threshold: {{ $auto.threshold | default .on.slots | quote }}
        ignoreNullValues: "false"
    {{- else }}
    {{- range $queue := list "render.now" "render.ahead" }}
    - type: redis
      metadata:
        {{- include "doppelcast.kedaRedis" $.root | trim | nindent 8 }}
        listName: {{ printf "%s%s" $.root.Values.settings.redisPrefix $queue | quote }}
        listLength: {{ $auto.listLength | int64 | quote }}
      authenticationRef: {name: {{ include "doppelcast.fullname" $.root }}-redis}
    {{- end }}
    {{- end }}
{{- end }}

{{- define "doppelcast.kedaRedis" -}}
{{- if .Values.valkey.enabled -}}
address: {{ include "doppelcast.fullname" . }}-valkey.{{ .Release.Namespace }}.svc:6379
username: doppelcast
databaseIndex: "0"
{{- else }}
{{- with .Values.externalRedis -}}
address: {{ printf "%s:%v" .host .port | quote }}
{{- with .username }}
username: {{ . }}
{{- end }}
databaseIndex: {{ .database | int64 | quote }}
enableTLS: {{ .tls.enabled | quote }}
{{- end }}
{{- end }}
{{- end }}
