package io.whygate.diagnostics.facts;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/// The signs by which a page that is given in place of the site's own answer is known: that of a
/// web application firewall, a security plugin or a content delivery network, or of a server that
/// wants a client certificate and says so only after the handshake.
public final class BlockPage {
  /// How much of a page is looked at, bytes.
  public static final int LOOKED_AT = 2048;

  /// The longest good answer that is looked at: filters that say 200 to what they refuse say it in
  /// a few words.
  public static final int SHORT_PAGE = 1536;

  private static final int OK = 200;
  private static final int ACCEPTED = 202;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;

  /// The statuses that filters refuse with.
  private static final Set<Integer> STATUSES = Set.of(FORBIDDEN, 405, 406, 429, 500, 501, 503);

  /// Words of pages, in lower case, by whose filter they are.
  private static final List<String> WORDS =
      List.of(
          // Plugins of WordPress
          "wordfence",
          "your access to this site has been limited",
          "access to this site has been limited",
          "you have been locked out",
          "ninjafirewall",
          "malcare",
          "bitninja",
          // Modules of web servers
          "mod_security",
          "modsecurity",
          "blocked by naxsi",
          "comodo waf",
          "dotdefender",
          "imunify360",
          "crowdsec",
          // Services before the site
          "sucuri website firewall",
          "godaddy website firewall",
          "attention required! | cloudflare",
          "used cloudflare to restrict access",
          "error code: 1020",
          "<title>just a moment...</title>",
          "incapsula incident",
          "_incapsula_resource",
          "using a security service to protect itself",
          "ddos-guard",
          "px-captcha",
          "captcha-delivery.com",
          "errors.aliyun.com",
          "please verify you are not a robot",
          // Clouds
          "aws waf",
          "request blocked",
          "the request is blocked.",
          "<title>403</title>403 forbidden",
          // Appliances
          "the requested url was rejected",
          "web page blocked",
          "fortiweb",
          "fortigate",
          "barracuda networks",
          "appfw session id",
          "unauthorized activity has been detected",
          "in accordance with company policy",
          "access denied by security policy");

  /// Words of the pages by which nginx (400) and Apache (403) say that the client showed no
  /// certificate, or one that they do not take.
  private static final List<String> CERTIFICATE_WORDS =
      List.of(
          "no required ssl certificate was sent",
          "the ssl certificate error",
          "cannot perform post-handshake authentication");

  /// Words of pages that filters give with 200.
  private static final List<String> WORDS_OF_GOOD =
      List.of("the requested url was rejected", "incapsula incident", "web page blocked");

  /// Fields that only a filter's answer has, whatever its status.
  private static final List<String> FIELDS =
      List.of("x-amzn-waf-action", "cf-mitigated", "x-sucuri-block");

  /// Servers that answer 403 by themselves only to refuse: what they pass on bears the name of the
  /// server behind them.
  private static final List<String> SERVERS =
      List.of(
          "awselb/",
          "microsoft-azure-application-gateway/",
          "sucuri/cloudproxy",
          "imunify360",
          "ddos-guard",
          "datadome");

  private BlockPage() {}

  /// Whether a filter's page may have this status.
  public static boolean isGivenWith(int status) {
    return STATUSES.contains(status);
  }

  /// Whether the content of an answer with this status is to be looked at.
  public static boolean isLookedAt(int status) {
    return status == BAD_REQUEST || isGivenWith(status);
  }

  /// Whether this is the mark of a server that wants a client certificate, and not of a filter.
  public static boolean wantsCertificate(String mark) {
    return CERTIFICATE_WORDS.contains(mark);
  }

  /// The mark of such a page in an answer; empty where there is none.
  ///
  /// @param field the values of the field of this name in lower case, joined by commas; empty where
  ///   there is none
  /// @param page the beginning of its content; empty where it is no text
  public static String markIn(int status, Function<String, String> field, String page) {
    if (status == OK) {
      return first(WORDS_OF_GOOD, lower(page));
    }
    if (status == BAD_REQUEST) {
      return first(CERTIFICATE_WORDS, lower(page));
    }
    if (status != ACCEPTED && !isGivenWith(status)) {
      return "";
    }
    for (String name : FIELDS) {
      String value = field.apply(name);
      if (!value.isEmpty()) {
        return name + ": " + value;
      }
    }
    return isGivenWith(status) ? markOfRefusal(status, field, lower(page)) : "";
  }

  private static String markOfRefusal(
      int status, Function<String, String> field, String lowerCasePage) {
    String words = first(WORDS, lowerCasePage);
    if (!words.isEmpty() || status != FORBIDDEN) {
      return words;
    }
    String wanted = first(CERTIFICATE_WORDS, lowerCasePage);
    if (!wanted.isEmpty()) {
      return wanted;
    }
    String server = field.apply("server").toLowerCase(Locale.ROOT);
    boolean isAkamais =
        server.startsWith("akamaighost")
            && lowerCasePage.contains("access denied")
            && lowerCasePage.contains("reference");
    return isAkamais || SERVERS.stream().anyMatch(server::startsWith) ? "server: " + server : "";
  }

  /// The mark in the beginning of a page of which nothing else is known; empty where there is none.
  public static String markIn(String page) {
    return first(WORDS, lower(page));
  }

  private static String lower(String page) {
    return page.substring(0, Math.min(page.length(), LOOKED_AT)).toLowerCase(Locale.ROOT);
  }

  private static String first(List<String> words, String text) {
    return words.stream().filter(text::contains).findFirst().orElse("");
  }
}
