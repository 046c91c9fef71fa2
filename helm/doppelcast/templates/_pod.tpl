{{/* Parts of pods. */}}

{{/* An image's name. Takes root and image. */}}
{{- define "doppelcast.imageName" -}}
{{- $registry := .image.registry | default .root.Values.global.imageRegistry }}
{{- $at := join "/" (compact (list $registry .image.repository)) }}
{{- if .image.digest }}{{ $at }}@{{ .image.digest }}{{ else }}{{ $at }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* A container's image and rights. Takes root, image. */}}
{{- define "doppelcast.container" -}}
image: {{ include "doppelcast.imageName" . | quote }}
imagePullPolicy: {{ .image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
{{- end }}

{{/* What every pod is: no token, no service variables (they begin with DOPPELCAST_, too), no rights.
     Takes root, and perhaps podSecurityContext, and early: before the release has a service account. */}}
{{- define "doppelcast.pod" -}}
{{- if not .early }}
serviceAccountName: {{ include "doppelcast.serviceAccountName" .root }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml (.podSecurityContext | default .root.Values.podSecurityContext) | nindent 2 }}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Where pods go. Takes root, component, perhaps pool, and `on`: a map with the values. */}}
{{- define "doppelcast.scheduling" -}}
{{- with .on.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .on.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .on.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .on.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or .on.spread .on.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- if .on.spread }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ .on.spread }}
    labelSelector:
      matchLabels:
        {{- include "doppelcast.selector" . | nindent 8 }}
  {{- end }}
  {{- with .on.topologySpreadConstraints }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The three probes of our own pages. */}}
{{- define "doppelcast.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  {{- toYaml .Values.probes.startup | nindent 2 }}
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  {{- toYaml .Values.probes.liveness | nindent 2 }}
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  {{- toYaml .Values.probes.readiness | nindent 2 }}
{{- end }}

{{- define "doppelcast.hasRedisCa" -}}
{{- if and (not .Values.valkey.enabled) .Values.externalRedis.tls.caSecret }}yes{{ end }}
{{- end }}

{{/* What every Doppelcast container mounts. */}}
{{- define "doppelcast.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if include "doppelcast.hasRedisCa" . }}
- {name: redis-ca, mountPath: /etc/doppelcast/redis-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "doppelcast.volumes" -}}
- name: tmp
  emptyDir: {}
{{- include "doppelcast.redisCaVolume" . }}
{{- end }}

{{- define "doppelcast.redisCaVolume" -}}
{{- if include "doppelcast.hasRedisCa" . }}
- name: redis-ca
  secret: {secretName: {{ .Values.externalRedis.tls.caSecret }}}
{{- end }}
{{- end }}

{{- define "doppelcast.hasStoreCa" -}}
{{- if and (not .Values.postgresql.enabled) .Values.externalDatabase.caSecret }}yes{{ end }}
{{- end }}

{{/* For those who may know where the store is. */}}
{{- define "doppelcast.storeCaMount" -}}
{{- if include "doppelcast.hasStoreCa" . }}
- {name: store-ca, mountPath: /etc/doppelcast/store-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "doppelcast.storeCaVolume" -}}
{{- if include "doppelcast.hasStoreCa" . }}
- name: store-ca
  secret: {secretName: {{ .Values.externalDatabase.caSecret }}}
{{- end }}
{{- end }}

{{/* Addresses that are whole in a secret, as files that settings are read from. Takes root, and
     store: whether the pod may know where that is. */}}
{{- define "doppelcast.addressVolume" -}}
{{- $values := .root.Values }}
{{- $redis := not (or $values.valkey.enabled $values.externalRedis.host) }}
{{- $store := and .store (not (or $values.postgresql.enabled $values.externalDatabase.host)) }}
{{- if or $redis $store }}
- name: addresses
  projected:
    defaultMode: 0440
    sources:
      {{- if $redis }}
      - secret:
          name: {{ $values.externalRedis.existingSecret }}
          items: [{key: {{ $values.externalRedis.urlKey }}, path: doppelcast_redis_url}]
      {{- end }}
      {{- if $store }}
      - secret:
          name: {{ $values.externalDatabase.existingSecret }}
          items: [{key: {{ $values.externalDatabase.urlKey }}, path: doppelcast_store_url}]
      {{- end }}
{{- end }}
{{- end }}

{{- define "doppelcast.addressMount" -}}
{{- if include "doppelcast.addressVolume" . | trim }}
- {name: addresses, mountPath: /run/secrets, readOnly: true}
{{- end }}
{{- end }}

{{/* A volume's name for a secret, whose own name may have dots and be longer. */}}
{{- define "doppelcast.keyVolume" -}}
{{- if and (le (len .) 58) (not (contains "." .)) }}keys-{{ . }}
{{- else }}keys-{{ replace "." "-" . | trunc 49 | trimSuffix "-" }}-{{ sha256sum . | trunc 8 }}{{ end }}
{{- end }}

{{/* Stream keys, as files. */}}
{{- define "doppelcast.keyMounts" -}}
{{- range .Values.streamKeys.secrets }}
- {name: {{ include "doppelcast.keyVolume" . }}, mountPath: {{ $.Values.streamKeys.mountPath }}/{{ . }}, readOnly: true}
{{- end }}
{{- end }}

{{- define "doppelcast.keyVolumes" -}}
{{- range .Values.streamKeys.secrets }}
- name: {{ include "doppelcast.keyVolume" . }}
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "doppelcast.mediaMount" -}}
- {name: media, mountPath: /data/media}
{{- end }}

{{- define "doppelcast.mediaVolume" -}}
- name: media
  persistentVolumeClaim: {claimName: {{ include "doppelcast.mediaClaim" . }}}
{{- end }}
