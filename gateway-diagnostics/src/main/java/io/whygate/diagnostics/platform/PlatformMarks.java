package io.whygate.diagnostics.platform;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Recognises a platform by what its healthy answers carry: fields, the names of cookies, paths.
///
/// Makes no object but the result; may be called on an event loop now and then.
public final class PlatformMarks {
  private static final List<String> STATIC_SERVERS =
      List.of("nginx", "apache", "caddy", "lighttpd");

  private PlatformMarks() {}

  /// The platforms whose marks an answer carries: what makes the site, and what stands before it.
  ///
  /// @param field the values of the field of this name in lower case, joined by commas; empty where
  ///   there is none
  /// @param path what was asked for
  /// @param status the status of the answer
  public static Set<Platform> of(Function<String, String> field, String path, int status) {
    Set<Platform> found = EnumSet.noneOf(Platform.class);
    String server = lower(field.apply("server"));
    String poweredBy = lower(field.apply("x-powered-by"));
    String cookies = cookies(field.apply("set-cookie"));
    boolean good = status >= 200 && status < 400;
    front(found, server, cookies, field);
    if (isWordPress(field, cookies, path, good)) {
      found.add(Platform.WORDPRESS);
    }
    application(found, server, poweredBy, cookies, field);
    if (good && path.endsWith(".php")) {
      found.add(Platform.PHP_FPM);
    }
    boolean isFile = !field.apply("etag").isEmpty() && !field.apply("last-modified").isEmpty();
    if (found.stream().allMatch(Platform::isFront) && isFile && hasAny(server, STATIC_SERVERS)) {
      found.add(Platform.STATIC);
    }
    return found;
  }

  /// The platforms whose marks a start page carries.
  ///
  /// @param beginning of its text
  public static Set<Platform> ofPage(String beginning) {
    boolean marked =
        beginning.contains("/wp-content/")
            || beginning.contains("/wp-includes/")
            || beginning.contains("content=\"WordPress ");
    return marked ? EnumSet.of(Platform.WORDPRESS) : EnumSet.noneOf(Platform.class);
  }

  private static boolean isWordPress(
      Function<String, String> field, String cookies, String path, boolean good) {
    return field.apply("link").contains("api.w.org")
        || field.apply("x-pingback").endsWith("xmlrpc.php")
        || field.apply("x-redirect-by").equals("WordPress")
        || hasAny(cookies, List.of(" wordpress_", " wp-settings-", " woocommerce_"))
        || (good
            && (path.startsWith("/wp-content/")
                || path.startsWith("/wp-includes/")
                || path.startsWith("/wp-json/")
                || path.equals("/wp-login.php")));
  }

  private static void application(
      Set<Platform> found,
      String server,
      String poweredBy,
      String cookies,
      Function<String, String> field) {
    if (poweredBy.contains("php")
        || hasAny(cookies, List.of(" phpsessid", " laravel_session", " laravel-session"))) {
      found.add(Platform.PHP_FPM);
    }
    if (hasAny(poweredBy, List.of("express", "next.js", "nuxt", "koa"))
        || cookies.contains(" connect.sid")
        || isOfNode(field.apply("etag"))) {
      found.add(Platform.NODE);
    }
    if (hasAny(server, List.of("gunicorn", "wsgiserver", "uvicorn", "werkzeug", "waitress"))
        || hasAny(cookies, List.of(" csrftoken", " sessionid="))
        || isOfDjango(field)) {
      found.add(Platform.DJANGO);
    }
    if (hasAny(poweredBy, List.of("phusion passenger"))
        || server.contains("puma")
        || isOfRails(cookies)
        || (!field.apply("x-runtime").isEmpty() && !field.apply("x-request-id").isEmpty())) {
      found.add(Platform.RAILS);
    }
    if (cookies.contains(" jsessionid")
        || hasAny(server, List.of("apache-coyote", "jetty", "undertow"))
        || !field.apply("x-application-context").isEmpty()
        || isOfSpringSecurity(field)) {
      found.add(Platform.SPRING);
    }
    if (poweredBy.contains("asp.net")
        || !field.apply("x-aspnet-version").isEmpty()
        || hasAny(server, List.of("kestrel", "microsoft-iis"))
        || hasAny(cookies, List.of(" asp.net_sessionid", " .aspnetcore."))) {
      found.add(Platform.ASPNET);
    }
  }

  /// Whether an entity tag is as the package `etag` writes it, by which Express, Koa and Fastify
  /// do: the length in hexadecimal digits and 27 of Base64.
  private static boolean isOfNode(String tag) {
    int open = tag.indexOf('"');
    int dash = tag.indexOf('-', open + 1);
    if (open < 0 || dash <= open + 1 || tag.length() != dash + 1 + 27 + 1) {
      return false;
    }
    for (int i = open + 1; i < dash; i++) {
      if (Character.digit(tag.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /// What Django's SecurityMiddleware and XFrameOptionsMiddleware add unless they are told
  /// otherwise.
  private static boolean isOfDjango(Function<String, String> field) {
    return field.apply("cross-origin-opener-policy").equals("same-origin")
        && field.apply("referrer-policy").equals("same-origin")
        && field.apply("x-frame-options").equals("DENY");
  }

  /// Whether a cookie is named as Rails names that of a session: `_app_session`.
  private static boolean isOfRails(String cookies) {
    for (int at = cookies.indexOf(" _"); at >= 0; at = cookies.indexOf(" _", at + 1)) {
      int end = cookies.indexOf('=', at);
      if (end > 0 && cookies.startsWith("_session", end - "_session".length())) {
        return end - at > " _session".length();
      }
    }
    return false;
  }

  /// What Spring Security adds unless it is told otherwise.
  private static boolean isOfSpringSecurity(Function<String, String> field) {
    return field.apply("x-xss-protection").equals("0")
        && field.apply("expires").equals("0")
        && field.apply("cache-control").equals("no-cache, no-store, max-age=0, must-revalidate");
  }

  private static void front(
      Set<Platform> found, String server, String cookies, Function<String, String> field) {
    if (server.equals("cloudflare")
        || !field.apply("cf-ray").isEmpty()
        || !field.apply("x-amz-cf-id").isEmpty()
        || field.apply("x-served-by").startsWith("cache-")
        || server.startsWith("akamai")
        || server.startsWith("bunnycdn")
        || !field.apply("x-fastly-request-id").isEmpty()
        || !field.apply("akamai-grn").isEmpty()) {
      found.add(Platform.CDN);
    }
    if (server.startsWith("awselb")
        || server.equals("envoy")
        || server.equals("istio-envoy")
        || server.startsWith("microsoft-azure-application-gateway")
        || hasAny(cookies, List.of(" awsalb", " applicationgatewayaffinity", " gclb", " serverid="))
        || !field.apply("x-azure-ref").isEmpty()
        || !field.apply("x-envoy-upstream-service-time").isEmpty()
        || field.apply("via").toLowerCase(Locale.ROOT).contains("1.1 google")) {
      found.add(Platform.LOAD_BALANCER);
    }
  }

  /// The start of each cookie, in lower case, each after a blank.
  private static String cookies(String setCookie) {
    return setCookie.isEmpty() ? "" : " " + lower(setCookie).replace(",", ", ").replace("  ", " ");
  }

  private static boolean hasAny(String text, List<String> marks) {
    for (String mark : marks) {
      if (text.contains(mark)) {
        return true;
      }
    }
    return false;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /// The platform that advice is given for: what makes the site before what stands before it, and
  /// the narrower before the wider.
  public static Optional<Platform> foremost(Set<Platform> recognised) {
    return recognised.stream().sorted().findFirst();
  }
}
