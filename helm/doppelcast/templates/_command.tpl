{{/* A pod that runs one of the commands: migrate, apply, console. Takes root, component, name, args,
     resources, and perhaps command, media, matrix, early. */}}
{{- define "doppelcast.command" -}}
{{ include "doppelcast.pod" . | trim }}
containers:
  - name: {{ .component }}
    {{- include "doppelcast.container" (dict "root" .root "image" .root.Values.image) | nindent 4 }}
    {{- with .command }}
    command: {{ toJson . }}
    {{- end }}
    {{- with .args }}
    args: {{ toJson . }}
    {{- end }}
    env:
      {{- include "doppelcast.env" (dict "own" (include "doppelcast.commandEnv" .) "more" .root.Values.extraEnv) | nindent 6 }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    volumeMounts:
      {{- include "doppelcast.mounts" .root | trim | nindent 6 }}
      {{- with include "doppelcast.storeCaMount" .root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "doppelcast.addressMount" (dict "root" .root "store" true) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- if .media }}
      {{- include "doppelcast.mediaMount" .root | nindent 6 }}
      {{- with include "doppelcast.keyMounts" .root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- end }}
      {{- if .matrix }}
      - {name: matrix, mountPath: /etc/doppelcast/matrix, readOnly: true}
      {{- end }}
volumes:
  {{- include "doppelcast.volumes" .root | trim | nindent 2 }}
  {{- with include "doppelcast.storeCaVolume" .root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with include "doppelcast.addressVolume" (dict "root" .root "store" true) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- if .media }}
  {{- include "doppelcast.mediaVolume" .root | nindent 2 }}
  {{- with include "doppelcast.keyVolumes" .root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- if .matrix }}
  - name: matrix
    configMap: {name: {{ .root.Values.matrix.existingConfigMap }}}
  {{- end }}
{{- end }}

{{- define "doppelcast.commandEnv" -}}
- {name: DOPPELCAST_HOME, value: /tmp}
{{ include "doppelcast.settingsEnv" .root }}
{{ include "doppelcast.storeEnv" .root | trim }}
{{ include "doppelcast.redisEnv" .root | trim }}
{{- if .media }}
{{ include "doppelcast.mediaEnv" .root }}
{{- end }}
{{- end }}
