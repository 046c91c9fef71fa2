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
{{- $full := include "doppelcast.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $full) }}
{{- fail (printf "%s can't begin the names of services, which take letters, digits and - and begin with a letter: set fullnameOverride." $full) }}
{{- end }}
{{- with .Values.externalRedis }}
{{- if and .host (not $.Values.valkey.enabled) (not .tls.enabled) (not .allowPlain) }}
{{- fail "externalRedis.tls.enabled is false, and every process would refuse that: set externalRedis.allowPlain as well, on a network that is nobody else's." }}
{{- end }}
{{- end }}
{{- $asked := false }}
{{- range concat .Values.extraEnv .Values.flower.extraEnv }}
{{- if eq .name "FLOWER_AUTH_PROVIDER" }}{{ $asked = true }}{{ end }}
{{- end }}
{{- range $role := list "admin" "viewer" }}
{{- with index $.Values.flower $role }}
{{- if and .enabled (not .basicAuthKey) (not $asked) }}
{{- fail (printf "flower.%s.basicAuthKey is empty, and flower.extraEnv names no FLOWER_AUTH_PROVIDER: Flower without a login shows the fleet to everybody." $role) }}
{{- end }}
{{- if and .enabled .basicAuthKey $asked }}
{{- fail (printf "flower.%s.basicAuthKey: Flower asks for these logins and never gets to its FLOWER_AUTH_PROVIDER. Set the key to an empty string." $role) }}
{{- end }}
{{- end }}
{{- end }}
{{- $streams := list }}
{{- range $name := include "doppelcast.poolNames" . | trim | splitList "\n" | compact }}
{{- $pool := include "doppelcast.pool" (dict "root" $ "name" $name) | fromYaml }}
{{- if eq $pool.kind "stream" }}{{ $streams = append $streams $name }}{{ end }}
{{- if has $name (list "coordinator" "recorder" "valkey" "postgresql") }}
{{- fail (printf "workerPools.%s: another part of the release has that name already. Call the pool something else." $name) }}
{{- end }}
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
