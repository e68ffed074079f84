package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.CompressionSettings;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.config.UpstreamSettings;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads one route.
final class RouteReader {
  private static final Pattern ENCODED = Pattern.compile("%([0-9a-fA-F]{2})");
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final String HOST =
      "a host such as shop.example.com or *.example.com, without port";
  private static final String PATH =
      "/PREFIX or \"= /PATH\", as sent: percent-encoded, without query";

  private final Collection<String> upstreams;
  private final Map<String, UpstreamSettings> read;

  /// @param upstreams the names there are
  /// @param read those that could be read, by name
  RouteReader(Collection<String> upstreams, Map<String, UpstreamSettings> read) {
    this.upstreams = upstreams;
    this.read = read;
  }

  /// Nothing where the match is malformed: what other routes it hides cannot be said then.
  Optional<RouteSettings> read(Section section, Problems problems) {
    int before = problems.count();
    String host = host(section.get("host"));
    String path = section.get("path").text().strip();
    boolean exact = path.startsWith("=");
    String plain = path(section.get("path"), exact ? path.substring(1).strip() : path, exact);
    Set<String> methods = methods(section.get("methods"));
    Map<String, String> headers = headers(section.get("headers"));
    String name =
        section
            .get("name")
            .optionalText()
            .orElse((host.isEmpty() ? "*" : host) + (exact ? "=" : "") + plain);
    boolean wellFormed = problems.count() == before;
    String upstream = upstream(section.get("upstream"));
    Optional<CompressionSettings> compression =
        CompressionReader.read(section.section("compression"));
    Optional<GrpcWebSettings> grpcWeb =
        GrpcWebReader.read(section.section("grpc-web"), read.get(upstream));
    return wellFormed
        ? Optional.of(
            new RouteSettings(
                name, host, plain, exact, methods, headers, upstream, compression, grpcWeb))
        : Optional.empty();
  }

  /// A host, or empty where none is given or it is malformed.
  static String host(Setting setting) {
    Optional<String> text = setting.optionalText();
    if (text.isEmpty()) {
      return "";
    }
    boolean wildcard = text.get().startsWith("*.");
    String name = wildcard ? text.get().substring(2) : text.get().replaceAll("^\\[|]$", "");
    Optional<String> host = Addresses.host(name);
    if (host.isEmpty() || (wildcard && Addresses.literal(host.get()).isPresent())) {
      setting.reject(HOST);
      return "";
    }
    if (host.get().indexOf(':') >= 0) {
      return "[" + host.get() + "]";
    }
    return (wildcard ? "*." : "") + host.get();
  }

  /// The path as the routing table compares it: unreserved characters decoded, and a prefix without
  /// the slash at its end.
  private static String path(Setting setting, String path, boolean exact) {
    boolean wellFormed =
        path.matches("/([!-~&&[^%?#\"<>\\\\^`{|}]]|%[0-9a-fA-F]{2})*")
            && !path.matches(".*/\\.{1,2}(/.*)?");
    if (!wellFormed) {
      setting.reject(PATH);
      return path;
    }
    String decoded =
        ENCODED
            .matcher(path)
            .replaceAll(encoded -> {
              String character = "" + (char) Integer.parseInt(encoded.group(1), 16);
              return character.matches("[A-Za-z0-9._~-]") ? character : encoded.group();
            });
    boolean hasSlash = !exact && decoded.length() > 1 && decoded.endsWith("/");
    return hasSlash ? decoded.substring(0, decoded.length() - 1) : decoded;
  }

  private static Set<String> methods(Setting setting) {
    Set<String> methods = new HashSet<>();
    for (Setting element : setting.elementsOrOne("methods, such as [GET, HEAD]")) {
      String method = element.text().strip();
      if (!method.matches(TOKEN)) {
        element.reject("a method such as GET");
      } else if (!methods.add(method.toUpperCase(Locale.ROOT))) {
        element.reject(element.found() + " is there twice", "each method once");
      }
    }
    return methods;
  }

  private static Map<String, String> headers(Setting setting) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Setting entry : setting.entries("field names with the value wanted")) {
      String name = entry.name().toLowerCase(Locale.ROOT);
      String value = entry.text();
      if (!name.matches(TOKEN)) {
        entry.reject("unknown field name", "a name of letters, digits and dashes");
      } else if (!value.matches("[\\t\\x20-\\x7e\\x80-\\uffff]*")) {
        entry.reject("a field value without control characters");
      } else if (headers.put(name, value) != null) {
        entry.reject(name + " is there twice", "each field once, in whatever case");
      }
    }
    return headers;
  }

  /// The name of an upstream; another one is reported.
  String upstream(Setting setting) {
    String name = setting.parse("the name of an upstream", Optional::of).orElse("");
    if (!name.isEmpty() && !upstreams.contains(name)) {
      String nearest =
          Spelling.nearest(name, upstreams)
              .orElseGet(() ->
                  upstreams.isEmpty()
                      ? "a name defined under whygate.upstreams"
                      : String.join(", ", upstreams.stream().sorted().toList()));
      setting.reject(setting.found() + " is not an upstream", nearest);
    }
    return name;
  }
}
