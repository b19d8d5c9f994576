{{/* The file of docs/configuration.md. */}}

{{/* A duration of the configuration in whole seconds, rounded up. */}}
{{- define "xzgate.seconds" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9]+" $text | int -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- if eq $unit "ms" -}}{{ divf (add $number 999) 1000 | floor | int }}
{{- else -}}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit | default 1) }}{{- end -}}
{{- end -}}

{{/* Seconds from SIGTERM to the end: shutdownDelay, 25 s for answers, 10 s for the scanner, 5 s to spare. */}}
{{- define "xzgate.secondsToEnd" -}}
{{- add (include "xzgate.seconds" (.Values.config.server.shutdownDelay | default "5s") | int) 40 -}}
{{- end -}}

{{/* "true" when xzgate calls the API server, and therefore needs a token and the section `kubernetes`. */}}
{{- define "xzgate.callsKubernetes" -}}
{{- if or (eq .Values.certificates.mode "selfManaged") (ne .Values.pullSecrets.scope "off") .Values.events -}}true{{- end -}}
{{- end -}}

{{- define "xzgate.admissionConfig" -}}
{{- $own := deepCopy .Values.config.admission -}}
{{- with .Values.webhook.extraKinds -}}
{{- $kinds := list -}}
{{- range . }}{{ $kinds = append $kinds (pick . "group" "kind" "path") }}{{ end -}}
{{- $_ := set $own "extraKinds" $kinds -}}
{{- end -}}
{{- toYaml $own -}}
{{- end -}}

{{- define "xzgate.registriesConfig" -}}
{{- $own := deepCopy .Values.config.registries -}}
{{- if or .Values.caCertificates.data .Values.caCertificates.existingConfigMap.name -}}
{{- $_ := set $own "ca" (list "/etc/xzgate/ca/ca.crt") -}}
{{- end -}}
{{- if .Values.registryCredentials.existingSecret -}}
{{- $_ := set $own "dockerConfig" "/etc/xzgate/docker" -}}
{{- end -}}
{{- toYaml $own -}}
{{- end -}}

{{/* Which calls to the API server are made at all; absent, there is not one. */}}
{{- define "xzgate.kubernetesConfig" -}}
{{- $name := include "xzgate.fullname" . -}}
certificates:
  {{- if eq .Values.certificates.mode "selfManaged" }}
  mode: selfManaged
  secret: {{ include "xzgate.tlsSecret" . }}
  service: {{ $name }}
  webhookConfigurations: [{{ $name }}]
  mutatingConfigurations: [{{ if .Values.mutate.enabled }}{{ $name }}{{ end }}]
  {{- else }}
  mode: files
  {{- end }}
pullSecrets:
  scope: {{ .Values.pullSecrets.scope | quote }}
  {{- with .Values.pullSecrets.namespaces }}
  namespaces: {{ uniq . | sortAlpha | toJson }}
  {{- end }}
events: {{ .Values.events }}
{{- end -}}

{{- define "xzgate.config" -}}
server:
  listen: {{ printf "%s:%d" .Values.ports.address (int .Values.ports.webhook) | quote }}
  {{- if ne .Values.certificates.mode "selfManaged" }}
  certificate: /etc/xzgate/tls/tls.crt
  key: /etc/xzgate/tls/tls.key
  {{- end }}
  {{- with .Values.config.server }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
health:
  listen: {{ printf "%s:%d" .Values.ports.address (int .Values.ports.health) | quote }}
store:
  path: /var/lib/xzgate/store.db
  {{- with .Values.config.store }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.config.log }}
log:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "xzgate.admissionConfig" . | fromYaml }}
admission:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "xzgate.registriesConfig" . | fromYaml }}
registries:
  {{- toYaml . | nindent 2 }}
{{- end }}
scanner:
  listen: {{ printf "%s:%d" .Values.ports.address (int .Values.ports.scanner) | quote }}
  {{- with .Values.config.scanner }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
policies: [/etc/xzgate/policies]
{{- if .Values.config.rules }}
rules: /etc/xzgate/config/rules.yaml
{{- end }}
{{- if include "xzgate.callsKubernetes" . }}
kubernetes:
  {{- include "xzgate.kubernetesConfig" . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "xzgate.policies" -}}
{{- $documents := .Values.policies -}}
{{- if .Values.policy.enabled -}}
{{- $spec := merge (dict "mode" .Values.policy.mode) .Values.policy.spec -}}
{{- $last := dict "apiVersion" "xzgate.dev/v1" "kind" "ImagePolicy" "metadata" (dict "name" "default") "spec" $spec -}}
{{- $documents = append $documents $last -}}
{{- end -}}
{{- range $index, $document := $documents -}}
{{- if $index }}
---
{{ end -}}
{{- toYaml $document -}}
{{- end -}}
{{- end -}}
