package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.Recording;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The recorded request as a command for curl(1), to be pasted into a shell: sent to the server
/// that failed, past the gateway.
///
/// Names and values come from clients: each is quoted so that a shell takes it for one word,
/// whatever is in it. Secrets are places to fill in.
public final class CurlCommand {
  private CurlCommand() {}

  /// @param facts what the configuration says of the upstream, where it still names it
  public static String of(Recording recording, Optional<UpstreamFacts> facts) {
    RecordedRequest request = recording.request();
    Optional<FailedAttempt> attempt = recording.exchange().subject();
    Endpoint to =
        attempt
            .map(FailedAttempt::endpoint)
            .or(() -> facts.flatMap(known -> known.endpoints().stream().findFirst()))
            .orElseGet(() -> new Endpoint(Endpoint.Scheme.HTTP, "localhost", 80));
    List<String> parts = new ArrayList<>();
    parts.add("curl --verbose --http1.1 --globoff --path-as-is");
    parts.add(request.method().equals("HEAD") ? "--head" : "--request " + quoted(request.method()));
    String host = request.field("host");
    Optional<String> serverName =
        to.isTls() ? facts.flatMap(UpstreamFacts::serverName) : Optional.empty();
    String name = serverName.orElse(to.host());
    if (to.isUnix()) {
      parts.add("--unix-socket " + quoted(to.host()));
    } else {
      attempt
          .flatMap(FailedAttempt::address)
          .map(InetAddress::getHostAddress)
          .or(() -> serverName.map(_ -> to.host()))
          .filter(address -> !address.equals(name))
          .ifPresent(address -> parts.add("--connect-to " + quoted(way(name, to.port(), address))));
    }
    if (request.target().equals("*")) {
      parts.add("--request-target '*'");
    }
    if (!host.isEmpty()) {
      parts.add("--header " + quoted("Host: " + host));
    }
    request.fields().stream()
        .filter(field -> isSent(field, request))
        .forEach(field -> parts.add("--header " + quoted(line(field))));
    for (String own : List.of("Accept", "User-Agent", "Content-Type")) {
      if (request.fields().stream().noneMatch(field -> field.name().equalsIgnoreCase(own))) {
        // Else curl adds its own.
        parts.add("--header " + quoted(own + ":"));
      }
    }
    body(request, parts);
    String url =
        to.isUnix() ? Target.url(to, request.target()) : Target.url(to, name, request.target());
    parts.add("--url " + quoted(url));
    return remarks(request) + String.join(" \\\n  ", parts) + "\n";
  }

  /// From a name to an address, for --connect-to.
  private static String way(String name, int port, String address) {
    String bracketed = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    return name + ":" + port + ":" + bracketed + ":" + port;
  }

  /// Framing is curl's own affair where it sends the body itself.
  private static boolean isSent(Field field, RecordedRequest request) {
    boolean bodySent = request.body().isPresent() || request.bodyBytes() != 0;
    return switch (field.name().toLowerCase(Locale.ROOT)) {
      case "host" -> false;
      case "content-length", "transfer-encoding", "expect" ->
          !bodySent && field.value().equals("0");
      default -> true;
    };
  }

  /// A field line for curl, which takes `Name;` for a field without a value.
  private static String line(Field field) {
    if (field.redacted()) {
      return field.name() + ": " + field.value().replace("[redacted]", "<" + field.name() + ">");
    }
    return field.value().isEmpty() ? field.name() + ";" : field.name() + ": " + field.value();
  }

  private static void body(RecordedRequest request, List<String> parts) {
    if (request.body().isPresent() && request.body().get().indexOf('\0') < 0) {
      parts.add("--data-raw " + quoted(request.body().get()));
    } else if (request.bodyBytes() != 0) {
      parts.add("--data-binary @BODY");
    }
  }

  private static String remarks(RecordedRequest request) {
    StringBuilder out = new StringBuilder();
    List<String> names =
        request.fields().stream().filter(Field::redacted).map(Field::name).distinct().toList();
    if (!names.isEmpty()) {
      out.append("# Not recorded, put your own in place of <...>: ")
          .append(printable(String.join(", ", names)))
          .append('\n');
    }
    if (request.isTargetRedacted()) {
      out.append(
          "# The URL holds a secret that was not recorded: put your own in place of REDACTED\n");
    }
    boolean kept = request.body().filter(text -> text.indexOf('\0') < 0).isPresent();
    if (request.bodyBytes() != 0 && !kept) {
      out.append("# The body")
          .append(request.bodyBytes() < 0 ? "" : " of " + request.bodyBytes() + " bytes")
          .append(" was not recorded: put it into a file named BODY\n");
    }
    if (request.cut()) {
      out.append("# The request was larger than what is kept of it: something is missing\n");
    }
    return out.toString();
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  /// One word for a shell: in single quotes where all is printable ASCII, else in the form `$'...'`
  /// (POSIX.1-2024, bash, zsh, ksh), in which each other byte is told by its number.
  static String quoted(String word) {
    boolean plain = word.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    if (plain) {
      return "'" + word.replace("'", "'\\''") + "'";
    }
    StringBuilder out = new StringBuilder("$'");
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '\'' || c == '\\' || c == '!' || c < 0x20 || c >= 0x7f) {
        // Three octal digits end by themselves, whatever follows.
        out.append("\\%03o".formatted(c & 0xff));
      } else {
        out.append(c);
      }
    }
    return out.append('\'').toString();
  }
}
