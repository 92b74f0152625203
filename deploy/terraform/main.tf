# Tocsin on a Kubernetes cluster, from code: a namespace, its secrets, the chart of deploy/helm. For Terraform 1.5 or newer, and OpenTofu.
terraform {
  required_version = ">= 1.5"
  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.35"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }
}

resource "kubernetes_namespace_v1" "tocsin" {
  metadata {
    name = var.namespace
    labels = {
      # All of Tocsin's own keep to "restricted"; the operator's ClickHouse does not say that it would.
      "pod-security.kubernetes.io/enforce" = length(var.clickhouse_urls) > 0 ? "restricted" : "baseline"
    }
  }
}

resource "random_password" "internal_key" {
  length  = 48
  special = false
}

resource "random_password" "clickhouse" {
  for_each = var.clickhouse_passwords == null ? toset(["writer", "reader"]) : toset([])
  length   = 32
  special  = false
}

locals {
  writer_password = var.clickhouse_passwords == null ? random_password.clickhouse["writer"].result : var.clickhouse_passwords.writer
  reader_password = var.clickhouse_passwords == null ? random_password.clickhouse["reader"].result : var.clickhouse_passwords.reader
}

resource "kubernetes_secret_v1" "tocsin" {
  metadata {
    name      = local.secret
    namespace = kubernetes_namespace_v1.tocsin.metadata[0].name
  }
  data = merge(var.secrets, {
    TOCSIN_INTERNAL_KEY        = random_password.internal_key.result
    CLICKHOUSE_WRITER_PASSWORD = local.writer_password
    CLICKHOUSE_READER_PASSWORD = local.reader_password
  })
}

resource "helm_release" "tocsin" {
  name      = var.release
  namespace = kubernetes_namespace_v1.tocsin.metadata[0].name
  chart     = "${path.module}/../helm/tocsin"
  # A start that fails takes back what it changed.
  atomic  = true
  timeout = 600

  values = [yamlencode(local.chart_values), yamlencode(var.values)]
}
