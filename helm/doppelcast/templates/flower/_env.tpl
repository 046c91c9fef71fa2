{{/* What its pages' addresses begin with: nothing, or a slash and what urlPrefix says. */}}
{{- define "doppelcast.flowerPath" -}}
{{- with trimAll "/" . }}/{{ . }}{{ end }}
{{- end }}

{{/* What an instance of Flower is told. Takes root, own: the instance's values. */}}
{{- define "doppelcast.flowerEnv" -}}
{{- $flower := .root.Values.flower }}
- {name: DOPPELCAST_HOME, value: /tmp}
{{ include "doppelcast.settingsEnv" .root }}
{{ include "doppelcast.redisEnv" .root | trim }}
{{- with .own.basicAuthKey }}
- name: FLOWER_BASIC_AUTH
  valueFrom:
    secretKeyRef: {name: {{ $flower.existingSecret }}, key: {{ . }}}
{{- end }}
- name: FLOWER_COOKIE_SECRET
  valueFrom:
    secretKeyRef: {name: {{ $flower.existingSecret }}, key: {{ $flower.cookieKey }}}
- name: FLOWER_MAX_TASKS
  value: {{ $flower.maxTasks | int64 | quote }}
{{- if .root.Values.metrics.serviceMonitor.enabled }}
# Network policies say who comes.
- name: FLOWER_OPEN_METRICS
  value: "true"
{{- end }}
{{- with trimAll "/" .own.urlPrefix }}
- name: FLOWER_URL_PREFIX
  value: {{ . | quote }}
{{- end }}
{{- if .own.ingress.enabled }}
- name: FLOWER_XHEADERS
  value: "true"
{{- end }}
{{- end }}
