{{/* The release's pods of some components. Takes root, components. */}}
{{- define "doppelcast.podsOf" -}}
podSelector:
  matchLabels:
    {{- include "doppelcast.selector" (dict "root" .root "component" "") | nindent 4 }}
  matchExpressions:
    - {key: app.kubernetes.io/component, operator: In, values: {{ toJson .components }}}
{{- end }}
