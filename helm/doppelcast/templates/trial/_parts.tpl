{{/* What both trial servers have. */}}

{{- define "doppelcast.dataClaim" -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .persistence.storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests: {storage: {{ .persistence.size }}}
{{- end }}

{{- define "doppelcast.trialService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "doppelcast.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "doppelcast.selector" . | nindent 4 }}
  ports:
    - {name: {{ .portName }}, port: {{ .port }}, targetPort: {{ .portName }}}
{{- end }}

{{- define "doppelcast.trialSecret" -}}
apiVersion: v1
kind: Secret
metadata:
  {{- include "doppelcast.metadata" . | nindent 2 }}
type: Opaque
data:
  {{ .auth.passwordKey }}: {{ .auth.password | b64enc }}
{{- end }}
