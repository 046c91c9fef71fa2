{{/* A pool, with what it doesn't say taken from the defaults. Takes root, name. The copy is
     deep, because merging writes into what it is given. */}}
{{- define "doppelcast.pool" -}}
{{- $own := index .root.Values.workerPools .name | default dict }}
{{- toYaml (mergeOverwrite (deepCopy .root.Values.workerDefaults) (deepCopy $own)) }}
{{- end }}

{{/* The names of the pools, one a line; those set to null are gone. */}}
{{- define "doppelcast.poolNames" -}}
{{- range $name, $pool := .Values.workerPools }}
{{- if kindIs "map" $pool }}{{ $name }}{{ "\n" }}{{ end }}
{{- end }}
{{- end }}

{{/* Seconds until KILL: longer than the drain and the grace together, whatever they are. */}}
{{- define "doppelcast.patience" -}}
{{- $drain := ternary .drain.timeoutSeconds 0 (and (eq .kind "stream") .drain.enabled) }}
{{- add $drain .graceSeconds 15 }}
{{- end }}

{{/* A pool's image: Doppelcast's own, with what the pool says instead. A digest is one image's: it
     goes with the name that it was given for. Takes root, image. */}}
{{- define "doppelcast.poolImage" -}}
{{- $image := mergeOverwrite (deepCopy .root.Values.image) .image }}
{{- if and (or .image.repository .image.tag) (not .image.digest) }}
{{- $image = omit $image "digest" }}
{{- end }}
{{- toYaml $image }}
{{- end }}

{{/* What a pool's processes are told. Takes root, pool. */}}
{{- define "doppelcast.workerEnv" -}}
{{- $settings := .root.Values.settings }}
- name: DOPPELCAST_NODE
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: DOPPELCAST_HOME
  value: /data
{{- if eq .pool.kind "stream" }}
- name: DOPPELCAST_SLOTS
  value: {{ .pool.slots | quote }}
- name: DOPPELCAST_ADVERTISE_HOST
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: DOPPELCAST_GRACE_SECONDS
  value: {{ .pool.graceSeconds | quote }}
- name: DOPPELCAST_BEAT_SECONDS
  value: {{ $settings.beatSeconds | quote }}
- name: DOPPELCAST_AHEAD_SECONDS
  value: {{ $settings.aheadSeconds | quote }}
{{- else }}
- name: DOPPELCAST_RENDER_PROCESSES
  value: {{ .pool.slots | quote }}
{{- end }}
{{ include "doppelcast.settingsEnv" .root }}
{{ include "doppelcast.metricsEnv" .root }}
{{ include "doppelcast.redisEnv" .root | trim }}
{{ include "doppelcast.mediaEnv" .root }}
{{- end }}
