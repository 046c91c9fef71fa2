{{/* A pool, with what it doesn't say taken from the defaults. Takes root, name. The copy is
     deep, because merging writes into what it is given. */}}
{{- define "doppelcast.pool" -}}
{{- $own := index .root.Values.workerPools .name | default dict }}
{{- toYaml (mergeOverwrite (deepCopy .root.Values.workerDefaults) (deepCopy $own)) }}
{{- end }}

{{/* The names of the pools, one a line; those set to null are gone. */}}
{{- define "doppelcast.poolNames" -}}
{{- range $name, $pool := .Values.workerPools }}
{{- if $pool }}{{ $name }}{{ "\n" }}{{ end }}
{{- end }}
{{- end }}

{{/* Seconds until KILL: longer than the drain and the grace together, whatever they are. */}}
{{- define "doppelcast.patience" -}}
{{- $drain := ternary .drain.timeoutSeconds 0 (and (eq .kind "stream") .drain.enabled) }}
{{- add $drain .graceSeconds 15 }}
{{- end }}
