# A whole Tocsin from code. Here a cluster that kubectl reaches; yours may come from a module of your cloud.
provider "kubernetes" {
  config_path = "~/.kube/config"
}

provider "helm" {
  kubernetes = {
    config_path = "~/.kube/config"
  }
}

variable "slack_webhook_url" {
  type      = string
  sensitive = true
}

module "tocsin" {
  source = "../"

  image              = { repository = "registry.example.com/tocsin", tag = "0.1.0" }
  configuration_file = "${path.module}/tocsin.yaml"
  rule_files         = ["${path.module}/web.yaml"]
  secrets            = { SLACK_WEBHOOK_URL = var.slack_webhook_url }
  console_url        = "https://tocsin.example.com"
  locations = {
    frankfurt = { "topology.kubernetes.io/region" = "eu-central-1" }
    singapore = { "topology.kubernetes.io/region" = "ap-southeast-1" }
  }
}

output "otlp_http" {
  value = module.tocsin.otlp_http
}
