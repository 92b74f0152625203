variable "release" {
  description = "Name of the Helm release; what it makes is named after it."
  type        = string
  default     = "tocsin"
}

variable "namespace" {
  description = "Namespace to make for it."
  type        = string
  default     = "tocsin"
}

variable "image" {
  description = "The image of deploy/image, in a registry of yours."
  type        = object({ repository = string, tag = string })
}

variable "configuration_file" {
  description = "tocsin.yaml of the team's own repository: monitors, rule_files, slos, oncall, and the sections alerting and collector without addresses."
  type        = string
}

variable "rule_files" {
  description = "Paths of the rule files it names."
  type        = set(string)
  default     = []
}

variable "clickhouse_urls" {
  description = "Servers of a ClickHouse that is there. None: Altinity's operator, which has to be installed, makes one."
  type        = list(string)
  default     = []
}

variable "clickhouse_cluster" {
  description = "Name of the cluster there; empty for one server."
  type        = string
  default     = ""
}

variable "clickhouse_passwords" {
  description = "Of the users tocsin_collector and tocsin_reader. Not set: made at random, for the operator."
  type        = object({ writer = string, reader = string })
  default     = null
  sensitive   = true
}

variable "secrets" {
  description = "What the configuration takes from the environment, as SLACK_WEBHOOK_URL."
  type        = map(string)
  default     = {}
}

variable "locations" {
  description = "Places to look from: name to the labels of the nodes there."
  type        = map(map(string))
  default     = {}
}

variable "alerting_url" {
  description = "Alerting as people reach it."
  type        = string
  default     = ""
}

variable "console_url" {
  description = "The console as people reach it."
  type        = string
  default     = ""
}

variable "values" {
  description = "Further values of the chart; they win."
  type        = any
  default     = {}
}
