{{/* A process that reads store and Redis: coordinator, recorder. Takes root, component, argument. */}}
{{- define "doppelcast.server" -}}
{{- $on := index .root.Values .component }}
{{- $name := printf "%s-%s" (include "doppelcast.fullname" .root) .component }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "doppelcast.metadata" (merge (dict "name" $name) .) | nindent 2 }}
spec:
  replicas: {{ $on.replicas }}
  revisionHistoryLimit: 3
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector:
    matchLabels:
      {{- include "doppelcast.selector" . | nindent 6 }}
  template:
    metadata:
      {{- include "doppelcast.podMetadata" (merge (pick $on "podLabels" "podAnnotations") .) | nindent 6 }}
    spec:
      {{- include "doppelcast.pod" . | trim | nindent 6 }}
      {{- with include "doppelcast.scheduling" (merge (dict "on" $on) .) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      terminationGracePeriodSeconds: {{ $on.terminationGracePeriodSeconds | int64 }}
      containers:
        - name: {{ .component }}
          {{- include "doppelcast.container" (dict "root" .root "image" .root.Values.image) | nindent 10 }}
          args: [{{ .component }}]
          env:
            {{- $env := include "doppelcast.serverEnv" .root }}
            {{- include "doppelcast.env" (dict "own" $env "more" (concat .root.Values.extraEnv $on.extraEnv)) | nindent 12 }}
          ports:
            - {name: metrics, containerPort: {{ .root.Values.metrics.port }}}
          {{- include "doppelcast.probes" .root | nindent 10 }}
          resources:
            {{- toYaml $on.resources | nindent 12 }}
          volumeMounts:
            {{- include "doppelcast.mounts" .root | trim | nindent 12 }}
            {{- with include "doppelcast.storeCaMount" .root | trim }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with include "doppelcast.addressMount" (dict "root" .root "store" true) | trim }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "doppelcast.volumes" .root | trim | nindent 8 }}
        {{- with include "doppelcast.storeCaVolume" .root | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with include "doppelcast.addressVolume" (dict "root" .root "store" true) | trim }}
        {{- . | nindent 8 }}
        {{- end }}
{{- if and $on.pdb.enabled (ge (int $on.replicas) 2) }}
---
{{ include "doppelcast.budget" (merge (dict "name" $name "on" $on) .) }}
{{- end }}
{{- end }}

{{- define "doppelcast.serverEnv" -}}
- {name: DOPPELCAST_HOME, value: /tmp}
{{ include "doppelcast.settingsEnv" . }}
{{ include "doppelcast.metricsEnv" . }}
{{ include "doppelcast.redisEnv" . | trim }}
{{ include "doppelcast.storeEnv" . | trim }}
{{- end }}

{{/* A disruption budget. Takes root, component, name, on, and perhaps pool. */}}
{{- define "doppelcast.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "doppelcast.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .on.pdb.maxUnavailable }}
  {{- if ne .component "stream-worker" }}
  # Pods that never get ready don't keep a machine from being emptied. A stream worker that isn't
  # ready may have its streams on air.
  unhealthyPodEvictionPolicy: AlwaysAllow
  {{- end }}
  selector:
    matchLabels:
      {{- include "doppelcast.selector" . | nindent 6 }}
{{- end }}
