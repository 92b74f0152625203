# What the chart is told. Needs no provider, so that it can be tried out without a cluster.
locals {
  secret        = "${var.release}-secret"
  configuration = yamldecode(file(var.configuration_file))
  # What the chart writes itself, or takes in a place of its own.
  placed = ["alerting", "collector"]

  chart_values = {
    image  = { repository = var.image.repository, tag = var.image.tag }
    secret = { existing = local.secret, names = keys(var.secrets) }
    clickhouse = {
      mode     = length(var.clickhouse_urls) > 0 ? "external" : "operator"
      external = { urls = var.clickhouse_urls, cluster = var.clickhouse_cluster }
    }
    checkers  = { for location, selector in var.locations : location => { nodeSelector = selector } }
    config    = { for section, value in local.configuration : section => value if !contains(local.placed, section) }
    alerting  = { url = var.alerting_url, config = lookup(local.configuration, "alerting", {}) }
    collector = { config = lookup(local.configuration, "collector", {}) }
    console   = { url = var.console_url }
    files     = { for path in var.rule_files : basename(path) => file(path) }
  }
}
