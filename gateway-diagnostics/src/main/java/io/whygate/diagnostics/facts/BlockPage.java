package io.whygate.diagnostics.facts;

import java.util.List;
import java.util.Locale;

/// The words by which a filter's page is known: that of a web application firewall, a security
/// plugin or a content delivery network, given in place of the site's own answer.
public final class BlockPage {
  /// How much of a page is looked at, bytes.
  public static final int LOOKED_AT = 2048;

  private static final List<String> MARKS =
      List.of(
          "wordfence",
          "sucuri website firewall",
          "mod_security",
          "modsecurity",
          "request blocked",
          "attention required! | cloudflare",
          "incapsula incident",
          "the requested url was rejected",
          "aws waf",
          "access denied by security policy",
          "your access to this site has been limited");

  private BlockPage() {}

  /// Whether a filter answers with this status: 403, 406, 429 or 503.
  public static boolean isGivenWith(int status) {
    return status == 403 || status == 406 || status == 429 || status == 503;
  }

  /// The mark in the beginning of a page; empty where there is none.
  public static String markIn(String page) {
    String text = page.substring(0, Math.min(page.length(), LOOKED_AT)).toLowerCase(Locale.ROOT);
    return MARKS.stream().filter(text::contains).findFirst().orElse("");
  }
}
