{{/* Names and labels. */}}

{{- define "xzgate.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "xzgate.fullname" -}}
{{- $name := include "xzgate.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "xzgate.selector" -}}
app.kubernetes.io/name: {{ include "xzgate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "xzgate.labels" -}}
{{- $labels := dict "app.kubernetes.io/name" (include "xzgate.name" .) "app.kubernetes.io/instance" .Release.Name -}}
{{- $_ := set $labels "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63) -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $labels "app.kubernetes.io/part-of" "xzgate" -}}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) -}}
{{- toYaml (merge $labels .Values.commonLabels) -}}
{{- end -}}

{{/* metadata of an object but its namespace: (list $ NAME ANNOTATIONS). */}}
{{- define "xzgate.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 }}
labels:
  {{- include "xzgate.labels" $root | nindent 2 }}
{{- with merge (dict) (index . 2) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "xzgate.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "xzgate.fullname" .) -}}
{{- end -}}

{{- define "xzgate.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest -}}
@{{ .Values.image.digest }}
{{- else -}}
:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The Secret with the certificate that is served. */}}
{{- define "xzgate.tlsSecret" -}}
{{- if eq .Values.certificates.mode "existingSecret" -}}
{{- .Values.certificates.existingSecret.name -}}
{{- else -}}
{{- include "xzgate.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{- define "xzgate.policyConfigMap" -}}
{{- .Values.existingPolicyConfigMap | default (printf "%s-policies" (include "xzgate.fullname" .)) -}}
{{- end -}}
