package io.whygate.gateway.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.CookieHeaderNames.SameSite;
import io.netty.handler.codec.http.cookie.DefaultCookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.handler.codec.http.cookie.ServerCookieEncoder;
import io.whygate.gateway.config.AdminSettings.SessionLimits;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/// The sessions that are open, in memory alone: none outlives the gateway.
final class Sessions {
  private static final String COOKIE = "whygate-session";
  private static final int BYTES = 32;

  private final SessionLimits limits;
  private final SecureRandom random = new SecureRandom();
  private final Cache<String, Session> open;

  Sessions(SessionLimits limits) {
    this.limits = limits;
    this.open =
        Caffeine.newBuilder()
            .maximumSize(limits.most())
            .expireAfterWrite(limits.lifetime())
            .executor(Runnable::run)
            .build();
  }

  /// Opens one.
  Session open(Role role, String host) {
    Session session = new Session(secret(), role, secret(), host.strip().toLowerCase(Locale.ROOT));
    open.put(session.id(), session);
    return session;
  }

  private String secret() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  void close(Session session) {
    open.invalidate(session.id());
  }

  /// Whether one is neither closed nor over.
  boolean isOpen(Session session) {
    return open.getIfPresent(session.id()) != null;
  }

  /// The session whose cookie a request carries, under the name at which it was opened.
  Optional<Session> of(Request request, Caller caller) {
    String host = request.header("Host").strip().toLowerCase(Locale.ROOT);
    for (String field : request.headers().getAll("Cookie")) {
      for (Cookie cookie : ServerCookieDecoder.STRICT.decodeAll(field)) {
        if (cookie.name().equals(nameOf(host, caller))) {
          return Optional.ofNullable(open.getIfPresent(cookie.value()))
              .filter(session -> session.host().equals(host));
        }
      }
    }
    return Optional.empty();
  }

  /// The field Set-Cookie that gives a session.
  String given(Session session, Caller caller) {
    return cookie(session, session.id(), limits.lifetime().toSeconds(), caller);
  }

  /// The field Set-Cookie that takes it back.
  String taken(Session session, Caller caller) {
    return cookie(session, "", 0, caller);
  }

  private static String cookie(Session session, String value, long seconds, Caller caller) {
    DefaultCookie cookie = new DefaultCookie(nameOf(session.host(), caller), value);
    cookie.setHttpOnly(true);
    cookie.setSecure(caller.secure());
    cookie.setPath("/");
    cookie.setMaxAge(seconds);
    cookie.setSameSite(SameSite.Strict);
    return ServerCookieEncoder.STRICT.encode(cookie);
  }

  /// Cookies know no ports: two gateways on one machine must not take each other's away.
  private static String nameOf(String host, Caller caller) {
    int colon = host.lastIndexOf(':');
    String port = colon > host.lastIndexOf(']') ? host.substring(colon + 1) : "";
    String name = COOKIE + (port.matches("\\d{1,5}") ? "-" + port : "");
    return caller.secure() ? "__Host-" + name : name;
  }
}
