package io.whygate.diagnostics.facts;

import java.util.Locale;

/// What kind of program asked, by what it says of itself (RFC 9110 section 10.1.5): enough to see
/// that only one kind fails, and nothing that identifies anybody.
public enum ClientKind {
  BROWSER("browsers"),
  BOT("crawlers"),
  TOOL("command-line tools"),
  LIBRARY("programs"),
  UNNAMED("clients without a name");

  private static final String[] BOTS = {"bot", "crawl", "spider", "slurp", "monitor", "uptime"};
  private static final String[] TOOLS = {"curl/", "wget/", "httpie/", "postman", "insomnia"};

  private final String words;

  ClientKind(String words) {
    this.words = words;
  }

  /// Such clients, in words.
  public String words() {
    return words;
  }

  /// The kind that a User-Agent field tells.
  public static ClientKind of(String userAgent) {
    if (userAgent.isEmpty()) {
      return UNNAMED;
    }
    String name = userAgent.toLowerCase(Locale.ROOT);
    if (containsAny(name, BOTS)) {
      return BOT;
    }
    if (containsAny(name, TOOLS)) {
      return TOOL;
    }
    return name.startsWith("mozilla/") || name.startsWith("opera/") ? BROWSER : LIBRARY;
  }

  private static boolean containsAny(String name, String[] parts) {
    for (String part : parts) {
      if (name.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
