{{- define "tocsin.name" -}}
{{ .Release.Name }}-tocsin
{{- end -}}

{{- define "tocsin.labels" -}}
app.kubernetes.io/name: tocsin
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "tocsin.secret" -}}
{{- if .Values.secret.existing -}}
{{ .Values.secret.existing }}
{{- else -}}
{{ include "tocsin.name" . }}
{{- end -}}
{{- end -}}

{{/* Pod settings that all have: no root, nothing to write but volumes. */}}
{{- define "tocsin.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- if eq .component "checker" }}
  # ping without a capability; a safe sysctl since 1.18.
  sysctls: [{ name: net.ipv4.ping_group_range, value: 0 2147483647 }]
{{- end }}
{{- if .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml .root.Values.imagePullSecrets | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a container of ours has, after its name. */}}
{{- define "tocsin.container" -}}
image: {{ printf "%s:%s" .root.Values.image.repository (default .root.Chart.AppVersion .root.Values.image.tag) | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
env:
  - name: TOCSIN_INTERNAL_KEY
    valueFrom: { secretKeyRef: { name: {{ include "tocsin.secret" .root }}, key: TOCSIN_INTERNAL_KEY } }
{{- if .user }}
  - { name: CLICKHOUSE_USER, value: {{ .user | quote }} }
  - name: CLICKHOUSE_PASSWORD
    valueFrom: { secretKeyRef: { name: {{ include "tocsin.secret" .root }}, key: {{ .passwordKey }} } }
{{- end }}
{{- if .location }}
  - { name: TOCSIN_LOCATION, value: {{ .location | quote }} }
{{- end }}
{{- range .root.Values.secret.names }}
  - name: {{ . }}
    valueFrom: { secretKeyRef: { name: {{ include "tocsin.secret" $.root }}, key: {{ . }} } }
{{- end }}
livenessProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: {{ .readiness }}, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
startupProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 2
  failureThreshold: 60
volumeMounts:
  - { name: data, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  - { name: config, mountPath: /etc/tocsin, readOnly: true }
{{- end -}}

{{- define "tocsin.volumes" -}}
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 128Mi }
- name: config
  configMap: { name: {{ include "tocsin.name" . }} }
{{- end -}}

{{/* A claim: dict "size" "storageClass". */}}
{{- define "tocsin.claim" -}}
- metadata: { name: data }
  spec:
    accessModes: [ReadWriteOnce]
    resources: { requests: { storage: {{ .size }} } }
    {{- if .storageClass }}
    storageClassName: {{ .storageClass }}
    {{- end }}
{{- end -}}

{{/* The servers of the installation that the operator makes: chi-<name>-main-<shard>-<replica>. */}}
{{- define "tocsin.clickhouseUrls" -}}
{{- $name := include "tocsin.name" . -}}
{{- $operator := .Values.clickhouse.operator -}}
{{- if eq .Values.clickhouse.mode "external" -}}
{{- toYaml .Values.clickhouse.external.urls -}}
{{- else -}}
{{- range $shard := until (int $operator.shards) -}}
{{- range $replica := until (int $operator.replicas) }}
- http://chi-{{ $name }}-main-{{ $shard }}-{{ $replica }}:8123
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
