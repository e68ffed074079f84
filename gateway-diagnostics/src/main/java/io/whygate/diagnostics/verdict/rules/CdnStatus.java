package io.whygate.diagnostics.verdict.rules;

/// What Cloudflare says by its own statuses of the server behind it.
final class CdnStatus {
  private CdnStatus() {}

  /// In words; empty for any other status.
  static String words(int status) {
    return switch (status) {
      case 520 -> "Cloudflare: its origin's answer could not be understood";
      case 521 -> "Cloudflare: its origin refused the connection";
      case 522 -> "Cloudflare: no connection to its origin in time";
      case 523 -> "Cloudflare: its origin could not be reached";
      case 524 -> "Cloudflare: its origin did not answer in time";
      case 525 -> "Cloudflare: the TLS handshake with its origin failed";
      case 526 -> "Cloudflare: its origin's certificate is not valid";
      case 530 -> "Cloudflare: its origin's name could not be resolved, or its tunnel is down";
      default -> "";
    };
  }
}
