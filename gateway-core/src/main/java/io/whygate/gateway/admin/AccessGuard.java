package io.whygate.gateway.admin;

import io.netty.util.NetUtil;
import io.whygate.gateway.config.AdminSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Decides whether a request may come in, and what it may do.
///
/// Where a token is set, it or the session that a browser got for it opens the interface. A session
/// holds under the name at which it was opened, and a change by it shows a secret that no other
/// site can read. Without a token the interface is bound to a loopback address, and what has to be
/// kept out are web pages in a browser on the same machine: those that reach it under a name of
/// their own (DNS rebinding), and those that make the browser send it a request from another site.
final class AccessGuard {
  /// Carries the secret of a session in a change.
  static final String CSRF = "X-Whygate-Csrf";

  private final Tokens tokens;
  private final Sessions sessions;
  private final String gateway;
  private final Set<String> hosts = new HashSet<>();

  /// @param gateway the gateway's own name in Via
  AccessGuard(AdminSettings settings, String gateway, Tokens tokens, Sessions sessions) {
    this.tokens = tokens;
    this.sessions = sessions;
    this.gateway = gateway;
    hosts.add(settings.bind().getHostString().toLowerCase(Locale.ROOT));
    hosts.addAll(settings.door().hosts());
  }

  Admission admit(Request request, Caller caller) {
    if (cameThroughGateway(request)) {
      return refused("This came through the gateway; operators connect to this address itself.");
    }
    if (!tokens.areWanted()) {
      return admitFromHere(request);
    }
    String token = Tokens.carriedBy(request);
    if (!token.isEmpty() && !SessionApi.isAskedBy(request)) {
      return switch (tokens.show(token, caller)) {
        case Tokens.Wrong(var answer) -> isOpen(request) ? admitted() : refusedWith(answer);
        case Tokens.Right(var role) ->
            admit(request, new Admission.Admitted(Optional.of(role), Optional.empty()));
      };
    }
    Optional<Session> session = sessions.of(request, caller);
    if (session.isPresent()) {
      return admit(request, new Admission.Admitted(session.map(Session::role), session));
    }
    if (SessionApi.isAskedBy(request)) {
      return request.isRead() ? admitted() : admit(request, admitted());
    }
    return isOpen(request) ? admitted() : refusedWith(Tokens.unauthorized());
  }

  private Admission admitFromHere(Request request) {
    if (!isOpen(request) && !isOwnHost(request.header("Host"))) {
      return refusedWith(
          Answer.problem(
              421,
              "Misdirected request",
              "Host: a name that is not this interface's (expected: localhost, an IP address, or one of"
                  + " whygate.admin.hosts)."));
    }
    return admit(request, new Admission.Admitted(Optional.of(Role.FULL), Optional.empty()));
  }

  private Admission admit(Request request, Admission.Admitted admitted) {
    if (request.isRead()) {
      return admitted;
    }
    boolean byToken =
        tokens.areWanted() && admitted.session().isEmpty() && admitted.role().isPresent();
    Optional<Answer.Document> refusal = refuseChange(request, byToken);
    if (refusal.isPresent()) {
      return new Admission.Refused(refusal.get());
    }
    if (admitted.session().filter(session -> !hasSecret(request, session)).isPresent()) {
      return refused(CSRF + ": not that of the session (expected: csrf of GET /api/session)");
    }
    boolean changes = !SessionApi.isAskedBy(request);
    return changes && !admitted.role().equals(Optional.of(Role.FULL))
        ? refused("This token may look and change nothing (expected: whygate.admin.token).")
        : admitted;
  }

  private static boolean hasSecret(Request request, Session session) {
    return MessageDigest.isEqual(
        session.csrf().getBytes(StandardCharsets.UTF_8),
        request.header(CSRF).getBytes(StandardCharsets.UTF_8));
  }

  private static Admission.Admitted admitted() {
    return new Admission.Admitted(Optional.empty(), Optional.empty());
  }

  private static Admission refusedWith(Answer.Document answer) {
    return new Admission.Refused(answer);
  }

  private static Admission refused(String why) {
    return new Admission.Refused(forbidden(why));
  }

  private static Answer.Document forbidden(String why) {
    return Answer.problem(403, "Forbidden", why);
  }

  private static Optional<Answer.Document> refusal(String why) {
    return Optional.of(forbidden(why));
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
