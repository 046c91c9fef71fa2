{{/* What processes are told. No value of a secret ever stands here, only where it is. An address that
     is whole in a secret isn't told at all: it is a file (_pod.tpl). */}}

{{/* A container's variables, each once: the last word counts. (A cluster would take two of a name;
     Helm 4, which applies on the server, doesn't.) Takes own: text of a list, more: a list. */}}
{{- define "doppelcast.env" -}}
{{- $last := dict }}
{{- range .more }}{{ $_ := set $last .name . }}{{ end }}
{{- $env := list }}
{{- range fromYamlArray .own }}
{{- if not (hasKey $last .name) }}{{ $env = append $env . }}{{ end }}
{{- end }}
{{- range .more }}
{{- $env = append $env (get $last .name) }}
{{- end }}
{{- toYaml (uniq $env) }}
{{- end }}

{{- define "doppelcast.settingsEnv" -}}
- name: HOME
  value: /tmp
- name: DOPPELCAST_PRODUCTION
  value: {{ .Values.settings.production | quote }}
- name: DOPPELCAST_LOG_LEVEL
  value: {{ .Values.settings.logLevel }}
- name: DOPPELCAST_LOG_JSON
  value: {{ .Values.settings.logJson | quote }}
- name: DOPPELCAST_LEASE_SECONDS
  value: {{ .Values.settings.leaseSeconds | quote }}
- name: DOPPELCAST_RENEW_SECONDS
  value: {{ .Values.settings.renewSeconds | quote }}
{{- end }}

{{- define "doppelcast.redisEnv" -}}
- name: DOPPELCAST_REDIS_PREFIX
  value: {{ .Values.settings.redisPrefix | quote }}
{{- if .Values.valkey.enabled }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ include "doppelcast.valkeySecret" . }}, key: {{ .Values.valkey.auth.passwordKey }}}
- name: DOPPELCAST_REDIS_URL
  value: redis://doppelcast:$(REDIS_PASSWORD)@{{ include "doppelcast.fullname" . }}-valkey:6379/0
- name: DOPPELCAST_REDIS_ALLOW_PLAIN
  value: "true"
{{- else }}
{{- with .Values.externalRedis }}
{{- if .host }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ .existingSecret }}, key: {{ .passwordKey }}}
- name: DOPPELCAST_REDIS_URL
  value: {{ ternary "rediss" "redis" .tls.enabled }}://{{ .username }}:$(REDIS_PASSWORD)@{{ .host }}:{{ .port }}/{{ .database | int64 }}
  {{- if and .tls.enabled .tls.caSecret -}}
    ?ssl_ca_certs=/etc/doppelcast/redis-ca/{{ .tls.caKey }}
  {{- end }}
{{- end }}
- name: DOPPELCAST_REDIS_ALLOW_PLAIN
  value: {{ .allowPlain | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "doppelcast.storeEnv" -}}
{{- if .Values.postgresql.enabled }}
- name: STORE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ include "doppelcast.postgresqlSecret" . }}, key: {{ .Values.postgresql.auth.passwordKey }}}
- name: DOPPELCAST_STORE_URL
  value: postgresql://doppelcast:$(STORE_PASSWORD)@{{ include "doppelcast.fullname" . }}-postgresql:5432/doppelcast
{{- else }}
{{- with .Values.externalDatabase }}
{{- if .host }}
- name: STORE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ .existingSecret }}, key: {{ .passwordKey }}}
- name: DOPPELCAST_STORE_URL
  value: postgresql://{{ .username }}:$(STORE_PASSWORD)@{{ .host }}:{{ .port }}/{{ .database }}?sslmode={{ .sslmode }}
{{- end }}
{{- if .caSecret }}
# libpq's own variable, so that it holds for an address that is whole in a secret, too.
- name: PGSSLROOTCERT
  value: /etc/doppelcast/store-ca/{{ .caKey }}
{{- else if and .host (hasPrefix "verify" .sslmode) }}
# libpq trusts nobody by itself: the image's authorities.
- name: PGSSLROOTCERT
  value: /etc/ssl/certs/ca-certificates.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "doppelcast.mediaEnv" -}}
- name: DOPPELCAST_MEDIA_DIR
  value: /data/media
- name: DOPPELCAST_CLIP_STORE_BYTES
  value: {{ .Values.settings.clipStoreBytes | int64 | quote }}
- name: DOPPELCAST_CLIP_STORE_SPARE_BYTES
  value: {{ .Values.settings.clipStoreSpareBytes | int64 | quote }}
{{- end }}

{{- define "doppelcast.metricsEnv" -}}
- name: DOPPELCAST_METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: DOPPELCAST_METRICS_HOST
  value: {{ .Values.metrics.host | quote }}
{{- end }}
