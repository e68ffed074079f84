package io.whygate.gateway.admin;

import io.netty.util.NetUtil;
import io.whygate.gateway.config.Settings.AdminSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides whether a request may come in.
///
/// The bearer token, where one is set, opens everything. Without one the interface is bound to a
/// loopback address, and what has to be kept out are web pages in a browser on the same machine:
/// those that reach it under a name of their own (DNS rebinding), and those that make the browser
/// send it a request from another site.
final class AccessGuard {
  private static final String PREFIX = "bearer ";

  private final byte[] token;
  private final String gateway;
  private final Set<String> hosts = new HashSet<>();

  /// @param gateway the gateway's own name in Via
  AccessGuard(AdminSettings settings, String gateway) {
    this.token = settings.token().getBytes(StandardCharsets.UTF_8);
    this.gateway = gateway;
    hosts.add(settings.bind().getHostString().toLowerCase(Locale.ROOT));
    hosts.addAll(settings.hosts());
  }

  /// Why a request may not come in; empty where it may.
  Optional<Answer.Document> refuse(Request request) {
    if (cameThroughGateway(request)) {
      return refusal("This came through the gateway; operators connect to this address itself.");
    }
    boolean authorized = token.length > 0 && hasToken(request);
    if (token.length > 0 && !authorized && !isOpen(request)) {
      return Optional.of(
          Answer.problem(
              401,
              "Unauthorized",
              "Authorization: Bearer TOKEN is needed (setting: whygate.admin.token).",
              Map.of("WWW-Authenticate", "Bearer realm=\"whygate\"")));
    }
    if (!authorized && !isOpen(request) && !isOwnHost(request.header("Host"))) {
      return Optional.of(
          Answer.problem(
              421,
              "Misdirected request",
              "Host: a name that is not this interface's (expected: localhost, an IP address, or one of"
                  + " whygate.admin.hosts)."));
    }
    return request.isRead() ? Optional.empty() : refuseChange(request, authorized);
  }

  private static Optional<Answer.Document> refusal(String why) {
    return Optional.of(Answer.problem(403, "Forbidden", why));
  }

  /// Probes of an orchestrator carry no token, and neither does a browser that opens the console:
  /// its files hold no data, and its script asks for the token.
  private static boolean isOpen(Request request) {
    if (!request.isRead()) {
      return false;
    }
    return request.path().isEmpty()
        || (request.path().size() == 1
            && switch (request.path().getFirst()) {
              case "healthz", "readyz" -> true;
              default -> false;
            })
        || request.path().getFirst().equals(Console.FOLDER);
  }

  private boolean hasToken(Request request) {
    String field = request.header("Authorization");
    if (!field.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
      return false;
    }
    byte[] shown = field.substring(PREFIX.length()).strip().getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(token, shown);
  }

  /// An IP address cannot be rebound, the local names are not in the hands of others, and a browser
  /// always names a host.
  private boolean isOwnHost(String field) {
    String host = hostOf(field);
    if (host.isEmpty()) {
      return field.isEmpty();
    }
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || hosts.contains(host)
        || NetUtil.isValidIpV4Address(host)
        || NetUtil.isValidIpV6Address(host);
  }

  /// The host of an authority: lower case, without port and brackets.
  private static String hostOf(String authority) {
    String text = authority.strip().toLowerCase(Locale.ROOT);
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? "" : text.substring(1, end);
    }
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  private Optional<Answer.Document> refuseChange(Request request, boolean authorized) {
    String site = request.header("Sec-Fetch-Site");
    if (!site.isEmpty() && !site.equals("same-origin") && !site.equals("none")) {
      return refusal("Sec-Fetch-Site: " + site + " (expected: same-origin)");
    }
    String origin = request.header("Origin");
    if (!origin.isEmpty() && !isSameOrigin(origin, request.header("Host"))) {
      return refusal("Origin: another site (expected: this one)");
    }
    String type = request.header("Content-Type");
    boolean empty = request.body().length == 0 && type.isEmpty();
    if (!authorized && !empty && !isJson(type)) {
      return Optional.of(
          Answer.problem(
              415,
              "Unsupported media type",
              "Content-Type: "
                  + (type.isEmpty() ? "none" : type)
                  + " (expected: application/json)"));
    }
    return Optional.empty();
  }

  private static boolean isSameOrigin(String origin, String host) {
    try {
      String authority = new URI(origin).getAuthority();
      return authority != null && authority.equalsIgnoreCase(host.strip());
    } catch (URISyntaxException _) {
      return false;
    }
  }

  static boolean isJson(String contentType) {
    int end = contentType.indexOf(';');
    String type = end < 0 ? contentType : contentType.substring(0, end);
    return type.strip().equalsIgnoreCase("application/json");
  }

  /// Whether one of the hops that Via names is this gateway.
  private boolean cameThroughGateway(Request request) {
    for (String field : request.headers().getAll("Via")) {
      for (String hop : field.split(",", -1)) {
        String[] parts = hop.strip().split("[ \t]+", -1);
        if (parts.length > 1 && parts[1].equalsIgnoreCase(gateway)) {
          return true;
        }
      }
    }
    return false;
  }
}
