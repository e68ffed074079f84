package io.whygate.diagnostics.probe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What one probe learned. Closed: a new kind of finding makes the compiler list who must think of
/// it.
public sealed interface Finding {

  /// Which probe asked, such as `connect`.
  String probe();

  /// What was asked, for operators.
  String asked();

  /// Of whom, for operators.
  String of();

  /// What came back, in one line, for operators.
  String answer();

  /// A DNS server was asked for a name's addresses.
  record Looked(InetSocketAddress server, Role role, String name, DnsAnswer ipv4, DnsAnswer ipv6)
      implements Finding {

    /// Why this server was asked.
    public enum Role {
      /// A configured resolver, asked as the gateway asks it.
      RESOLVER,
      /// The same, told not to validate (the CD bit).
      UNCHECKED,
      /// The same, asked for a name that every resolver knows.
      CONTROL,
      /// A name server of the zone itself, asked without recursion.
      AUTHORITATIVE
    }

    public List<InetAddress> addresses() {
      return Stream.concat(ipv4.addresses().stream(), ipv6.addresses().stream()).toList();
    }

    /// Whether an answer came to either question.
    public boolean isAnswered() {
      return ipv4.isAnswered() || ipv6.isAnswered();
    }

    /// The answer that says more: the one with addresses, else the one that came, IPv4's first.
    public DnsAnswer better() {
      if (!ipv4.addresses().isEmpty()) {
        return ipv4;
      }
      if (!ipv6.addresses().isEmpty()) {
        return ipv6;
      }
      return ipv4.isAnswered() || !ipv6.isAnswered() ? ipv4 : ipv6;
    }

    @Override
    public String probe() {
      return role == Role.AUTHORITATIVE ? "authoritative" : "resolve";
    }

    @Override
    public String asked() {
      return switch (role) {
        case RESOLVER -> "A and AAAA of " + name;
        case UNCHECKED -> "A of " + name + " with checking disabled";
        case CONTROL -> "NS of the root, as a control";
        case AUTHORITATIVE -> "A and AAAA of " + name + " without recursion";
      };
    }

    @Override
    public String of() {
      return text(server);
    }

    @Override
    public String answer() {
      return switch (role) {
        case UNCHECKED, CONTROL -> ipv4.describe();
        case RESOLVER, AUTHORITATIVE -> "A: " + ipv4.describe() + "; AAAA: " + ipv6.describe();
      };
    }
  }

  /// The name servers of a zone were looked for.
  ///
  /// @param name the name whose zone was looked for
  /// @param zone the zone found; empty where none was
  /// @param servers the addresses of its name servers
  record Delegated(String name, String zone, List<InetSocketAddress> servers) implements Finding {
    public Delegated {
      servers = List.copyOf(servers);
    }

    @Override
    public String probe() {
      return "authoritative";
    }

    @Override
    public String asked() {
      return "which name servers speak for " + name;
    }

    @Override
    public String of() {
      return "the resolvers in use";
    }

    @Override
    public String answer() {
      return zone.isEmpty()
          ? "could not be found"
          : "zone "
              + zone
              + ": "
              + servers.stream().map(Finding::text).collect(Collectors.joining(", "));
    }
  }

  /// A connection was tried.
  record Dialled(InetSocketAddress target, Purpose purpose, DialOutcome outcome, long micros)
      implements Finding {

    /// Why this target was dialled.
    public enum Purpose {
      /// The address and port that failed.
      SAME,
      /// The same port of another address that the name has.
      OTHER_ADDRESS,
      /// The port of an address that only the name's own servers, or a fresh look-up, give.
      NEW_ADDRESS,
      /// A well-known port of the failed address.
      SIBLING_PORT,
      /// A port of the failed address on which surely nothing listens.
      CLOSED_PORT
    }

    /// What came of it.
    public enum DialOutcome {
      ACCEPTED,
      REFUSED,
      SILENT,
      NETWORK_UNREACHABLE,
      HOST_UNREACHABLE,
      DENIED,
      NOT_DIALLED;

      /// Whether a host at that address said anything.
      public boolean isFromHost() {
        return this == ACCEPTED || this == REFUSED;
      }
    }

    @Override
    public String probe() {
      return "connect";
    }

    @Override
    public String asked() {
      return switch (purpose) {
        case SAME -> "a new connection to the same place";
        case OTHER_ADDRESS -> "a connection to another address of the name";
        case NEW_ADDRESS -> "a connection to the new address";
        case SIBLING_PORT -> "a connection to another port of the host";
        case CLOSED_PORT -> "a connection to a port that is surely closed";
      };
    }

    @Override
    public String of() {
      return text(target);
    }

    @Override
    public String answer() {
      return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " after " + millis(micros);
    }
  }

  /// A Unix socket was tried.
  record SocketDialled(Path path, boolean exists, boolean accepts, String detail)
      implements Finding {
    @Override
    public String probe() {
      return "connect";
    }

    @Override
    public String asked() {
      return "a new connection to the same socket";
    }

    @Override
    public String of() {
      return path.toString();
    }

    @Override
    public String answer() {
      return accepts ? "accepted" : exists ? detail : "no such file";
    }
  }

  /// A whole TLS handshake was made, without judging the certificate.
  ///
  /// @param serverName the name sent; empty for none
  /// @param protocol the version agreed on, such as `TLSv1.3`; empty where it failed
  /// @param chain the certificates shown, leaf first
  /// @param clientCertificateWanted whether the server asked for one
  /// @param applicationProtocol the protocol agreed on by ALPN, or empty
  /// @param failure why it failed, in the library's words; empty where it did not
  record Handshaken(
      InetSocketAddress target,
      String serverName,
      String protocol,
      List<X509Certificate> chain,
      boolean clientCertificateWanted,
      String applicationProtocol,
      String failure)
      implements Finding {
    public Handshaken {
      chain = List.copyOf(chain);
    }

    public boolean isComplete() {
      return failure.isEmpty();
    }

    @Override
    public String probe() {
      return "tls";
    }

    @Override
    public String asked() {
      return "a TLS handshake"
          + (serverName.isEmpty() ? " without a name" : " for " + serverName)
          + ", any certificate accepted";
    }

    @Override
    public String of() {
      return text(target);
    }

    @Override
    public String answer() {
      String shown =
          chain.isEmpty()
              ? "no certificate"
              : "certificate of "
                  + chain.getFirst().getSubjectX500Principal().getName()
                  + " until "
                  + chain.getFirst().getNotAfter().toInstant();
      return (isComplete() ? protocol : "failed (" + failure + ")")
          + ", "
          + shown
          + (clientCertificateWanted ? ", client certificate wanted" : "");
    }
  }

  /// A TLS greeting of a certain kind was sent, and the first answer read.
  ///
  /// @param alert the alert's number (RFC 8446 section 6), or -1
  /// @param firstBytes the first bytes of an answer that is not TLS, one character a byte
  record Greeted(
      InetSocketAddress target,
      ClientHello.Kind kind,
      GreetOutcome outcome,
      int alert,
      String firstBytes)
      implements Finding {

    /// What came back.
    public enum GreetOutcome {
      /// A ServerHello: the server agrees to this kind.
      AGREED,
      /// A ServerHello that picks a version older than all that were offered.
      OLDER_VERSION,
      /// An alert.
      ALERT,
      NOT_TLS,
      CLOSED,
      SILENT,
      NOT_CONNECTED
    }

    /// Whether the other side speaks TLS at all.
    public boolean isTls() {
      return outcome == GreetOutcome.AGREED
          || outcome == GreetOutcome.OLDER_VERSION
          || outcome == GreetOutcome.ALERT;
    }

    @Override
    public String probe() {
      return "tls";
    }

    @Override
    public String asked() {
      return "a TLS greeting, " + kind.words();
    }

    @Override
    public String of() {
      return text(target);
    }

    @Override
    public String answer() {
      return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ')
          + (alert >= 0 ? " " + alert : "");
    }
  }

  /// An HTTP request without a visitor's credentials was sent.
  ///
  /// @param status the status code, or -1
  /// @param fields the fields that say what server it is, by lower-case name
  /// @param body the first bytes of the body, one character a byte
  /// @param ttfbMicros from the request to the first byte of the answer, microseconds; -1 where
  ///   none came
  record Asked(
      InetSocketAddress target,
      Dialled.Purpose purpose,
      String method,
      String path,
      AskOutcome outcome,
      int status,
      Map<String, String> fields,
      String body,
      long ttfbMicros)
      implements Finding {

    /// What came back.
    public enum AskOutcome {
      ANSWERED,
      /// It ended the connection without a byte.
      CLOSED,
      /// A byte or more came, and it is not HTTP/1.
      NOT_HTTP,
      /// It ended the connection within the answer.
      CUT_SHORT,
      SILENT,
      NOT_CONNECTED,
      TLS_FAILED
    }

    public Asked {
      fields = Map.copyOf(fields);
    }

    public boolean isAnswered() {
      return outcome == AskOutcome.ANSWERED;
    }

    public Optional<String> field(String name) {
      return Optional.ofNullable(fields.get(name));
    }

    @Override
    public String probe() {
      return "http";
    }

    @Override
    public String asked() {
      return method + " " + path;
    }

    @Override
    public String of() {
      return text(target);
    }

    @Override
    public String answer() {
      return isAnswered()
          ? status + " after " + millis(ttfbMicros) + field("server").map(s -> ", " + s).orElse("")
          : outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /// Plain HTTP was spoken to a port on which TLS is configured.
  record Plain(Asked result) implements Finding {
    @Override
    public String probe() {
      return "first-bytes";
    }

    @Override
    public String asked() {
      return "plain HTTP on the TLS port";
    }

    @Override
    public String of() {
      return result.of();
    }

    @Override
    public String answer() {
      return result.answer();
    }
  }

  /// The gateway's own host was looked at.
  ///
  /// @param descriptors descriptors open in this process, or -1
  /// @param descriptorLimit how many it may open, or -1
  /// @param ports local TCP ports in use, or -1
  /// @param portRange how many local ports there are for outgoing connections, or -1
  /// @param routed whether its route table has a way to the failed address
  /// @param neighbour what it knows of the failed address on its own segment
  record HostInspected(
      long descriptors,
      long descriptorLimit,
      long ports,
      long portRange,
      boolean routed,
      Neighbour neighbour)
      implements Finding {

    /// What the neighbour table says of an address.
    public enum Neighbour {
      /// Not on the gateway's own segment, or not asked for yet.
      NOT_LISTED,
      REACHABLE,
      /// Asked for, and nobody answers.
      MISSING
    }

    @Override
    public String probe() {
      return "host";
    }

    @Override
    public String asked() {
      return "descriptors, local ports, routes and neighbours";
    }

    @Override
    public String of() {
      return "the gateway's own host";
    }

    @Override
    public String answer() {
      return descriptors
          + " of "
          + descriptorLimit
          + " descriptors, "
          + ports
          + " of "
          + portRange
          + " local ports, "
          + (routed ? "a route" : "no route")
          + (neighbour == Neighbour.MISSING ? ", nobody answers for the address" : "");
    }
  }

  /// The server's logs were read around the moment of the failure.
  ///
  /// @param files how many could be read
  /// @param unreadable the files that could not
  /// @param lines the telling lines, oldest first
  record LogsRead(int files, List<Path> unreadable, List<TellingLine> lines) implements Finding {
    public LogsRead {
      unreadable = List.copyOf(unreadable);
      lines = List.copyOf(lines);
    }

    /// A line that names a cause.
    ///
    /// @param at when it was written
    /// @param line the line, redacted and cut to 300 characters
    public record TellingLine(Path file, Instant at, LogCatalogue.Sign sign, String line) {}

    @Override
    public String probe() {
      return "logs";
    }

    @Override
    public String asked() {
      return "lines that name a cause";
    }

    @Override
    public String of() {
      return files
          + " log files"
          + (unreadable.isEmpty() ? "" : ", " + unreadable.size() + " unreadable");
    }

    @Override
    public String answer() {
      return lines.isEmpty()
          ? "none"
          : lines.stream().map(TellingLine::line).collect(Collectors.joining(" | "));
    }
  }

  /// Probes were not sent, because a limit was reached.
  record Withheld(String reason) implements Finding {
    @Override
    public String probe() {
      return "limit";
    }

    @Override
    public String asked() {
      return "nothing";
    }

    @Override
    public String of() {
      return "nobody";
    }

    @Override
    public String answer() {
      return reason;
    }
  }

  private static String text(InetSocketAddress address) {
    String host =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static String millis(long micros) {
    return micros / 1_000 + "." + micros / 100 % 10 + " ms";
  }
}
