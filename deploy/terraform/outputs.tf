output "otlp_http" {
  description = "Where applications in the cluster send OTLP over HTTP."
  value       = "http://${var.release}-tocsin-collector.${var.namespace}:4318"
}

output "otlp_grpc" {
  description = "Where applications in the cluster send OTLP over gRPC."
  value       = "http://${var.release}-tocsin-collector.${var.namespace}:4317"
}

output "secret" {
  description = "Name of the Secret with the keys and passwords."
  value       = kubernetes_secret_v1.tocsin.metadata[0].name
}
