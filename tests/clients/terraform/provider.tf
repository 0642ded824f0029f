# Every folder beside this file is a configuration; this file is copied into it. No `skip_*`: the provider starts as it does for AWS.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {
  type = string
}

variable "access_key" {
  type = string
}

variable "secret_key" {
  type    = string
  default = "test"
}

# A second application of the same configuration, with everything that can change in place changed.
variable "changed" {
  type    = bool
  default = false
}

locals {
  word = var.changed ? "after" : "before"
}

provider "aws" {
  region     = "eu-central-1"
  access_key = var.access_key
  secret_key = var.secret_key
  default_tags { tags = { managed-by = "terraform" } }
  endpoints {
    iam           = var.endpoint
    kms           = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
  }
}

data "aws_caller_identity" "me" {}
