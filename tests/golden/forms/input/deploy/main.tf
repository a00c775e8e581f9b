variable "github_token" {
  default = "{crc32:ghp_:30}"
}
