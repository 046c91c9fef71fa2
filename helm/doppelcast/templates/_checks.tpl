{{/* What can't work, said before anything is installed. The schema has checked each value alone. */}}
{{- define "doppelcast.checks" -}}
{{- with .Values.settings }}
{{- if ge (mulf .renewSeconds 2.0) (float64 .leaseSeconds) }}
{{- fail "settings.renewSeconds must be less than half of settings.leaseSeconds, or one lost renewal loses the lease." }}
{{- end }}
{{- end }}
{{- range $server := list "valkey" "postgresql" }}
{{- with index $.Values $server }}
{{- if and .enabled (not .auth.password) (not .auth.existingSecret) }}
{{- fail (printf "%s.enabled needs a password: --set %s.auth.password=$(openssl rand -hex 24), or name a secret in %s.auth.existingSecret." $server $server $server) }}
{{- end }}
{{- end }}
{{- end }}
{{- $streams := list }}
{{- range $name := include "doppelcast.poolNames" . | trim | splitList "\n" | compact }}
{{- $pool := include "doppelcast.pool" (dict "root" $ "name" $name) | fromYaml }}
{{- if eq $pool.kind "stream" }}{{ $streams = append $streams $name }}{{ end }}
{{- with $pool.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{- fail (printf "workerPools.%s.autoscaling: minReplicas is more than maxReplicas." $name) }}
{{- end }}
{{- if and (eq $pool.kind "stream") (eq .trigger "redis") }}
{{- fail (printf "workerPools.%s.autoscaling.trigger: streams don't wait in a queue, so Redis can't say how many pods they need. Set prometheus." $name) }}
{{- end }}
{{- if and (eq .trigger "prometheus") (or (not .serverAddress) (not .query)) }}
{{- fail (printf "workerPools.%s.autoscaling: the prometheus trigger needs serverAddress and query." $name) }}
{{- end }}
{{- if and (eq .trigger "redis") (not $.Values.valkey.enabled) (not $.Values.externalRedis.host) }}
{{- fail (printf "workerPools.%s.autoscaling: KEDA can't read an address from a secret. Set externalRedis.host and passwordKey, or trigger: prometheus." $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if not $streams }}
{{- fail "workerPools has no pool of kind stream, so nothing would go on air." }}
{{- end }}
{{- end }}
