{{/* Names and labels. Helpers that need more than the root take a dict with `root`. */}}

{{- define "doppelcast.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Short enough for what is put after it, the ordinal of a pod included. */}}
{{- define "doppelcast.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 36 | trimSuffix "-" }}
{{- else if contains (include "doppelcast.name" .) .Release.Name }}
{{- .Release.Name | trunc 36 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "doppelcast.name" .) | trunc 36 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* By these a component's pods are found; they never change. Takes root, component. */}}
{{- define "doppelcast.selector" -}}
app.kubernetes.io/name: {{ include "doppelcast.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
doppelcast/pool: {{ . | quote }}
{{- end }}
{{- end }}

{{/* A resource's labels. Whoever gives some may say what it is a part of, and never what it is found by. */}}
{{- define "doppelcast.labels" -}}
{{- $own := include "doppelcast.selector" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" .root.Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") }}
{{- toYaml (merge $own (.root.Values.commonLabels | default dict) (dict "app.kubernetes.io/part-of" "doppelcast")) }}
{{- end }}

{{/* A resource's metadata. Takes root, component, name, and perhaps pool and annotations. */}}
{{- define "doppelcast.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "doppelcast.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A pod's metadata. Takes root, component, and perhaps pool, podLabels, podAnnotations. No version
     stands here: a new chart alone replaces no pod. */}}
{{- define "doppelcast.podMetadata" -}}
{{- $own := include "doppelcast.selector" . | fromYaml }}
{{- if .pool }}{{ $_ := set $own "doppelcast/worker" "true" }}{{ end -}}
labels:
  {{- toYaml (merge $own (.podLabels | default dict) (.root.Values.commonLabels | default dict) (dict "app.kubernetes.io/part-of" "doppelcast")) | nindent 2 }}
{{- with .podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "doppelcast.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "doppelcast.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "doppelcast.mediaClaim" -}}
{{ .Values.media.existingClaim | default (printf "%s-media" (include "doppelcast.fullname" .)) }}
{{- end }}

{{- define "doppelcast.valkeySecret" -}}
{{ .Values.valkey.auth.existingSecret | default (printf "%s-valkey" (include "doppelcast.fullname" .)) }}
{{- end }}

{{- define "doppelcast.postgresqlSecret" -}}
{{ .Values.postgresql.auth.existingSecret | default (printf "%s-postgresql" (include "doppelcast.fullname" .)) }}
{{- end }}
