package io.whygate.diagnostics.redaction;

import java.util.List;
import java.util.Set;

/// By which names and looks a secret is known.
final class Secrets {
  /// What stands in the name of a secret.
  static final List<String> PARTS =
      List.of(
          "token",
          "secret",
          "passw",
          "apikey",
          "session",
          "sessid",
          "signature",
          "credential",
          "jwt");

  private static final Set<String> WORDS =
      Set.of(
          "auth",
          "key",
          "sig",
          "sid",
          "otp",
          "pin",
          "code",
          "csrf",
          "xsrf",
          "hmac",
          "pass",
          "pwd",
          "pw",
          "nonce",
          "hash",
          "ticket",
          "assertion",
          "cookie");

  /// How issuers let their tokens begin.
  static final List<String> STARTS =
      List.of(
          "eyJ",
          "sk_",
          "sk-",
          "pk_",
          "rk_",
          "ghp_",
          "gho_",
          "ghs_",
          "github_pat_",
          "glpat-",
          "xoxb-",
          "xoxp-",
          "AKIA",
          "ASIA",
          "AIza",
          "ya29.",
          "shpat_",
          "hf_",
          "npm_",
          "SG.");

  static final int SHORT_TOKEN = 16;
  private static final int LONG_TOKEN = 32;

  private Secrets() {}

  /// Whether a value of this name, in lower case, is a secret.
  static boolean isSecretName(String lower) {
    for (String part : PARTS) {
      if (lower.contains(part)) {
        return true;
      }
    }
    int start = 0;
    for (int i = 0; i <= lower.length(); i++) {
      if (i == lower.length() || !Character.isLetterOrDigit(lower.charAt(i))) {
        if (WORDS.contains(lower.substring(start, i))) {
          return true;
        }
        start = i + 1;
      }
    }
    return false;
  }

  /// Whether a character may stand in a token.
  static boolean isOfToken(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_'
        || c == '.'
        || c == '+'
        || c == '~';
  }

  /// Whether a word begins as issuers let their tokens begin.
  static boolean isMadeToken(String word) {
    if (word.length() < SHORT_TOKEN) {
      return false;
    }
    for (String start : STARTS) {
      if (word.startsWith(start)) {
        return true;
      }
    }
    return false;
  }

  /// Whether a word looks like a token: made by an issuer, or long and of mixed characters. A UUID
  /// names things far more often than it opens them.
  static boolean isToken(String word) {
    if (isMadeToken(word)) {
      return true;
    }
    if (word.length() < LONG_TOKEN) {
      return false;
    }
    int upper = 0;
    int lower = 0;
    int digits = 0;
    int others = 0;
    boolean hexadecimal = true;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      hexadecimal &= Character.digit(c, 16) >= 0;
      if (c >= '0' && c <= '9') {
        digits++;
      } else if (c >= 'A' && c <= 'Z') {
        upper++;
      } else if (c >= 'a' && c <= 'z') {
        lower++;
      } else {
        others++;
      }
    }
    return hexadecimal || (digits >= 3 && upper >= 3 && lower >= 3 && others <= word.length() / 8);
  }
}
