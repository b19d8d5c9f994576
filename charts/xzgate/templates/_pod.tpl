{{/* Parts of the pod. */}}

{{/* Environment of both containers. */}}
{{- define "xzgate.env" -}}
{{- $env := list -}}
{{- with .Values.proxy.https }}{{ $env = append $env (dict "name" "HTTPS_PROXY" "value" .) }}{{ end -}}
{{- with .Values.proxy.http }}{{ $env = append $env (dict "name" "HTTP_PROXY" "value" .) }}{{ end -}}
{{- if $env -}}
{{- $direct := concat (list ".svc" ".cluster.local" "localhost" "127.0.0.1") .Values.proxy.noProxy -}}
{{- $env = append $env (dict "name" "NO_PROXY" "value" (join "," $direct)) -}}
{{- end -}}
{{- with concat $env .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Volume mounts of a container: (list $ NEEDS_CERTIFICATE NEEDS_TOKEN). */}}
{{- define "xzgate.mounts" -}}
{{- $root := index . 0 -}}
- {name: store, mountPath: /var/lib/xzgate}
- {name: tmp, mountPath: /tmp}
- {name: config, mountPath: /etc/xzgate/config, readOnly: true}
- {name: policies, mountPath: /etc/xzgate/policies, readOnly: true}
{{- if and (index . 1) (ne $root.Values.certificates.mode "selfManaged") }}
- {name: tls, mountPath: /etc/xzgate/tls, readOnly: true}
{{- end }}
{{- if or $root.Values.caCertificates.data $root.Values.caCertificates.existingConfigMap.name }}
- {name: ca, mountPath: /etc/xzgate/ca, readOnly: true}
{{- end }}
{{- if $root.Values.registryCredentials.existingSecret }}
- {name: docker, mountPath: /etc/xzgate/docker, readOnly: true}
{{- end }}
{{- if index . 2 }}
- {name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}
{{- with $root.Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "xzgate.volumes" -}}
{{- $name := include "xzgate.fullname" . -}}
- name: store
{{- if .Values.store.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ .Values.store.persistence.existingClaim | default (printf "%s-store" $name) }}
{{- else }}
  emptyDir:
    sizeLimit: {{ .Values.store.sizeLimit }}
    {{- with .Values.store.medium }}
    medium: {{ . }}
    {{- end }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
- name: config
  configMap:
    name: {{ $name }}
- name: policies
  configMap:
    name: {{ include "xzgate.policyConfigMap" . }}
{{- if ne .Values.certificates.mode "selfManaged" }}
- name: tls
  secret:
    secretName: {{ include "xzgate.tlsSecret" . }}
    items:
      - {key: tls.crt, path: tls.crt}
      - {key: tls.key, path: tls.key}
{{- end }}
{{- if .Values.caCertificates.data }}
- name: ca
  configMap:
    name: {{ $name }}-ca
{{- else if .Values.caCertificates.existingConfigMap.name }}
- name: ca
  configMap:
    name: {{ .Values.caCertificates.existingConfigMap.name }}
    items:
      - {key: {{ .Values.caCertificates.existingConfigMap.key | quote }}, path: ca.crt}
{{- end }}
{{- with .Values.registryCredentials.existingSecret }}
- name: docker
  secret:
    secretName: {{ . }}
    items:
      - {key: .dockerconfigjson, path: config.json}
{{- end }}
{{- if include "xzgate.callsKubernetes" . }}
# What automountServiceAccountToken would do, for the containers that need it only.
- name: token
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3607}
      - configMap:
          name: kube-root-ca.crt
          items:
            - {key: ca.crt, path: ca.crt}
      - downwardAPI:
          items:
            - path: namespace
              fieldRef: {fieldPath: metadata.namespace}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The probes of a container: (list $ PORT). */}}
{{- define "xzgate.probes" -}}
{{- $probes := (index . 0).Values.probes -}}
{{- $port := index . 1 -}}
{{- $alive := dict "httpGet" (dict "path" "/healthz" "port" $port) -}}
{{- $ready := dict "httpGet" (dict "path" "/readyz" "port" $port) -}}
startupProbe:
  {{- toYaml (mergeOverwrite (deepCopy $alive) (dict "periodSeconds" 1 "failureThreshold" 60) $probes.startup) | nindent 2 }}
livenessProbe:
  {{- toYaml (mergeOverwrite (deepCopy $alive) (dict "periodSeconds" 10 "timeoutSeconds" 5 "failureThreshold" 6) $probes.liveness) | nindent 2 }}
readinessProbe:
  {{- toYaml (mergeOverwrite (deepCopy $ready) (dict "periodSeconds" 2 "timeoutSeconds" 2 "failureThreshold" 2) $probes.readiness) | nindent 2 }}
{{- end -}}

{{- define "xzgate.strategy" -}}
{{- if .Values.strategy -}}
{{- toYaml .Values.strategy -}}
{{- else if .Values.store.persistence.enabled -}}
type: Recreate
{{- else if .Values.hostNetwork -}}
# A second pod cannot have the same ports of a node.
type: RollingUpdate
rollingUpdate: {maxUnavailable: 1, maxSurge: 0}
{{- else -}}
type: RollingUpdate
rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
{{- end -}}
{{- end -}}

{{- define "xzgate.spread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- toYaml .Values.topologySpreadConstraints -}}
{{- else -}}
{{- range $index, $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" -}}
{{- if $index }}
{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "xzgate.selector" $ | nindent 6 }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "xzgate.podSecurityContext" -}}
{{- if .Values.openshift.enabled -}}
{{- toYaml (omit .Values.podSecurityContext "runAsUser" "runAsGroup" "fsGroup") -}}
{{- else -}}
{{- toYaml .Values.podSecurityContext -}}
{{- end -}}
{{- end -}}
