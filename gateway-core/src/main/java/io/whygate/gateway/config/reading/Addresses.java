package io.whygate.gateway.config.reading;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.Cidr;
import io.whygate.gateway.config.Sources;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Reads what names a place on the network. Each method reports what is malformed and then answers
/// with nothing.
public final class Addresses {
  private static final String ENDPOINT =
      "http://HOST:PORT, https://HOST:PORT, tcp://HOST:PORT or unix:/PATH, without user, path or query";
  private static final String BIND =
      "ADDRESS:PORT, [IPV6]:PORT or *:PORT, the port 0 (any free one) to 65535";
  private static final String SOCKET = "unix:/PATH, a path of at most 100 bytes";

  /// The system takes 107 bytes, and the socket first has a longer name.
  private static final int LONGEST_PATH = 100;

  private static final String RESOLVER =
      "an IP address with or without a port, such as 10.0.0.2:53";

  private static final String NETWORK = "a network such as 10.0.0.0/8, 2001:db8::/32 or an address";

  /// What stands for all that comes by Unix sockets.
  private static final String UNIX = "unix:";

  private Addresses() {}

  static Optional<Endpoint> endpoint(Setting setting) {
    return setting.parse(ENDPOINT, Addresses::place);
  }

  /// The endpoint that a URL names, such as `http://HOST:PORT`, `https://HOST:PORT` or
  /// `unix:/PATH`; empty where it names none that speaks HTTP.
  public static Optional<Endpoint> parseEndpoint(String url) {
    return place(url).filter(each -> !each.isTcp());
  }

  private static Optional<Endpoint> place(String url) {
    if (url.startsWith("unix:")) {
      String path = url.substring("unix:".length()).replaceFirst("^//(?=/)", "");
      boolean wellFormed = path.startsWith("/") && path.length() > 1 && path.indexOf('\0') < 0;
      return wellFormed
          ? Optional.of(new Endpoint(Endpoint.Scheme.UNIX, path, 0))
          : Optional.empty();
    }
    String lower = url.toLowerCase(Locale.ROOT);
    Endpoint.Scheme scheme = scheme(lower);
    if (scheme == null) {
      return Optional.empty();
    }
    String authority = lower.substring(lower.indexOf("://") + 3).replaceFirst("/$", "");
    if (!authority.startsWith("[") && authority.indexOf(':') != authority.lastIndexOf(':')) {
      return Optional.empty();
    }
    int defaultPort =
        switch (scheme) {
          case HTTPS -> 443;
          case HTTP -> 80;
          case TCP, UNIX -> HostPort.NO_PORT;
        };
    return HostPort.parse(authority, defaultPort)
        .filter(place -> place.port() > 0)
        .flatMap(place -> host(place.host()).map(host -> new Endpoint(scheme, host, place.port())));
  }

  private static Endpoint.@Nullable Scheme scheme(String lower) {
    if (lower.startsWith("https://")) {
      return Endpoint.Scheme.HTTPS;
    }
    if (lower.startsWith("http://")) {
      return Endpoint.Scheme.HTTP;
    }
    return lower.startsWith("tcp://") ? Endpoint.Scheme.TCP : null;
  }

  /// What clients are served on: an address and port, or a Unix socket.
  static Optional<SocketAddress> door(Setting setting) {
    if (!setting.startsWith("unix:")) {
      return bind(setting, BIND + ", or unix:/PATH").map(address -> address);
    }
    return setting.parse(
        SOCKET,
        text ->
            place(text)
                .map(Endpoint::host)
                .filter(path -> path.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH)
                .map(UnixDomainSocketAddress::of));
  }

  static Optional<InetSocketAddress> bind(Setting setting) {
    return bind(setting, BIND);
  }

  private static Optional<InetSocketAddress> bind(Setting setting, String expected) {
    Optional<HostPort> place =
        setting.parse(
            expected,
            text ->
                HostPort.parse(text, HostPort.NO_PORT)
                    .filter(found -> found.port() != HostPort.NO_PORT));
    if (place.isEmpty()) {
      return Optional.empty();
    }
    String host = place.get().host();
    try {
      InetAddress address =
          host.isEmpty() || host.equals("*")
              ? InetAddress.getByAddress(new byte[4])
              : InetAddress.getByName(host);
      return Optional.of(new InetSocketAddress(address, place.get().port()));
    } catch (UnknownHostException _) {
      setting.reject(expected + "; " + host + " is not an address and no name that resolves here");
      return Optional.empty();
    }
  }

  static Optional<InetSocketAddress> resolver(Setting setting) {
    return setting.parse(
        RESOLVER,
        text ->
            HostPort.parse(text, 53)
                .filter(place -> place.port() > 0)
                .flatMap(place ->
                    literal(place.host())
                        .map(address -> new InetSocketAddress(address, place.port()))));
  }

  /// The URL of something on the web.
  static Optional<URI> url(Setting setting, String expected) {
    return setting.parse(
        expected,
        text -> {
          try {
            URI uri = new URI(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            return web && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
          } catch (URISyntaxException _) {
            return Optional.empty();
          }
        });
  }

  static Optional<Cidr> network(Setting setting) {
    return setting.parse(NETWORK, Addresses::parseNetwork);
  }

  /// A list of networks, of which `unix:` stands for Unix sockets.
  static Sources sources(Setting setting) {
    AtomicBoolean unixSockets = new AtomicBoolean();
    List<Cidr> networks =
        setting.each(
            "networks",
            each -> {
              if (each.isWord(UNIX)) {
                unixSockets.set(true);
                return Optional.empty();
              }
              return each.parse(NETWORK + ", or unix:", Addresses::parseNetwork);
            });
    return new Sources(networks, unixSockets.get());
  }

  private static Optional<Cidr> parseNetwork(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> address = literal(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      return Optional.empty();
    }
    int bits = address.get().getAddress().length * 8;
    int prefix = slash < 0 ? bits : number(text.substring(slash + 1), bits);
    return prefix < 0 ? Optional.empty() : Optional.of(new Cidr(address.get(), prefix));
  }

  /// A host name in lower case, international names in their ASCII form, or an address literal.
  static Optional<String> host(String text) {
    if (literal(text).isPresent()) {
      return Optional.of(text.toLowerCase(Locale.ROOT));
    }
    try {
      String ascii = IDN.toASCII(text, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
      return isName(name) ? Optional.of(name) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// An IP address, without asking any resolver.
  static Optional<InetAddress> literal(String text) {
    boolean v4 = text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    boolean v6 = text.indexOf(':') >= 0 && text.matches("[0-9a-fA-F:.]+(%[A-Za-z0-9._-]+)?");
    if (!v4 && !v6) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > 253 || name.matches("[0-9.]+")) {
      return false;
    }
    for (String label : name.split("\\.", -1)) {
      if (!label.matches("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")) {
        return false;
      }
    }
    return true;
  }

  private static int number(String digits, int max) {
    return digits.matches("\\d{1,3}") && Integer.parseInt(digits) <= max
        ? Integer.parseInt(digits)
        : -1;
  }
}
