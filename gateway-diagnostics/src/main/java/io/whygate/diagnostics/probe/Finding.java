package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.icmp.Pinging;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What one probe learned. Closed: a new kind of finding makes the compiler list who must think of
/// it.
public sealed interface Finding {

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
  }

  /// A name server was asked which version of the zone it has, since it and the others answer
  /// differently.
  ///
  /// @param serial the serial number of the zone's SOA record (RFC 1035 section 3.3.13)
  record Versioned(InetSocketAddress server, String zone, long serial) implements Finding {
    private static final long HALF = 1L << 31;

    /// Whether another serial number is newer than this one, which wrap around (RFC 1982).
    public boolean isBehind(long other) {
      long ahead = (other - serial) & 0xFFFF_FFFFL;
      return ahead != 0 && ahead < HALF;
    }
  }

  /// A connection was tried.
  ///
  /// @param icmp the ICMP message that answered; empty for a reset, for silence, and where the
  ///   system does not tell
  record Dialled(
      InetSocketAddress target,
      Purpose purpose,
      DialOutcome outcome,
      long micros,
      Optional<IcmpMessage> icmp)
      implements Finding {

    public Dialled(InetSocketAddress target, Purpose purpose, DialOutcome outcome, long micros) {
      this(target, purpose, outcome, micros, Optional.empty());
    }

    /// Whether the host at that address said something itself: it accepted, or it reset. An ICMP
    /// message may come from anybody on the way.
    public boolean isFromHost() {
      return outcome.isFromHost() && icmp.isEmpty();
    }

    /// Why this target was dialled.
    public enum Purpose {
      /// The address and port that failed.
      SAME,
      /// The same a little later, after it had refused.
      LATER,
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
      /// The gateway's own route table has no way; nothing was sent.
      UNROUTED,
      /// The gateway's own system does not let it.
      DENIED,
      NOT_DIALLED;

      /// Whether a host at that address said anything.
      public boolean isFromHost() {
        return this == ACCEPTED || this == REFUSED;
      }
    }
  }

  /// An ICMP message that this target drew a while ago: such messages are sent only now and then.
  record Noted(InetSocketAddress target, IcmpMessage icmp, Instant at) implements Finding {}

  /// Several connections were tried at once, after one alone had been accepted.
  ///
  /// @param refused how many were reset, or refused by ICMP
  /// @param silent how many nothing came of
  record Crowded(InetSocketAddress target, int accepted, int refused, int silent)
      implements Finding {
    public int tried() {
      return accepted + refused + silent;
    }
  }

  /// The host was pinged, with packets of these sizes that may not be cut.
  ///
  /// @param sizes what was sent, bytes of the whole packet
  record Pinged(InetAddress address, List<Integer> sizes, Pinging result) implements Finding {
    public Pinged {
      sizes = List.copyOf(sizes);
    }

    public boolean isAnswered() {
      return result.outcome() == Pinging.Outcome.ANSWERED;
    }
  }

  /// The gateway's own firewall was asked whether a first packet to this target may leave.
  record Outgoing(InetSocketAddress target, boolean mayLeave) implements Finding {}

  /// A light request was sent again with padding, so that its packets are as large as the path is
  /// said to take.
  ///
  /// @param padding how many bytes were added
  record Padded(Asked result, int padding) implements Finding {}

  /// A light request was sent twice at once, on a connection as any and on one whose window is so
  /// narrow that the answer has to come in small packets.
  ///
  /// @param usual what came on the connection as any
  /// @param narrow what came on the other
  record Narrowed(Asked usual, Asked narrow) implements Finding {
    /// Whether the answer came in small packets, and not, or not whole, in packets as any.
    public boolean isSmallAlone() {
      return narrow.isAnswered()
          && !narrow.isShort()
          && (usual.outcome() == Asked.AskOutcome.SILENT || usual.isShort());
    }
  }

  /// A Unix socket was tried.
  record SocketDialled(Path path, boolean exists, boolean accepts, String detail)
      implements Finding {}

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

    /// The same with another outcome.
    Asked with(AskOutcome other) {
      return new Asked(target, purpose, method, path, other, status, fields, body, ttfbMicros);
    }

    /// Whether less of the content came than the answer had announced.
    public boolean isShort() {
      String told = fields.getOrDefault("content-length", "");
      return isAnswered()
          && !method.equals("HEAD")
          && told.length() < 10
          && !told.isEmpty()
          && told.chars().allMatch(c -> c >= '0' && c <= '9')
          && body.length() < Math.min(Integer.parseInt(told), LightAnswer.BODY_BYTES);
    }

    public Optional<String> field(String name) {
      return Optional.ofNullable(fields.get(name));
    }
  }

  /// Plain HTTP was spoken to a port on which TLS is configured.
  record Plain(Asked result) implements Finding {}

  /// A light request on a connection that began otherwise than they are configured to.
  ///
  /// @param opening what it began with
  record Opened(Asked result, UpstreamFacts.ProxyProtocol opening) implements Finding {}

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
  }

  /// The server's own log was read around the moment of the failure.
  ///
  /// @param sources how many could be read
  /// @param unread those that could not
  /// @param lines the telling lines, oldest first
  record LogsRead(int sources, List<Unread> unread, List<TellingLine> lines) implements Finding {
    public LogsRead {
      unread = List.copyOf(unread);
      lines = List.copyOf(lines);
    }

    /// What a line says happened.
    public enum Sign {
      OUT_OF_MEMORY,
      CRASHED,
      DATABASE_UNAVAILABLE,
      DISK_FULL,
      WORKERS_EXHAUSTED,
      WORKER_TIMEOUT,
      /// An error of the very request that failed, whatever it is.
      REQUEST_FAILED,
      /// The server is itself a gateway, and says how a server behind it fails.
      BEHIND_FAILED
    }

    /// How far what a line says reaches.
    public enum Reach {
      /// The server as a whole: nobody is served.
      SERVER,
      /// One of its workers, with the requests that it was at.
      WORKER,
      /// One request.
      REQUEST
    }

    /// A source that could not be read.
    ///
    /// @param source as the configuration writes it
    /// @param why such as `no such file`
    public record Unread(String source, String why) {}

    /// A line that names a cause.
    ///
    /// @param source where it stands, as the configuration writes it
    /// @param at when it was written
    /// @param confidence how surely it says so of this server, 0 to 1
    /// @param tied whether it has an id of the request that failed
    /// @param line the line, redacted and cut to 300 characters
    public record TellingLine(
        String source,
        Instant at,
        Sign sign,
        Reach reach,
        double confidence,
        boolean tied,
        String line) {}
  }

  /// The connections that hold a local port towards one place were counted.
  ///
  /// @param range how many local ports there are for outgoing connections, or -1
  record PortsCounted(InetSocketAddress target, long used, long range) implements Finding {}

  /// The gateway's own process and system were looked at.
  ///
  /// @param loopLagMicros how late an event loop was at worst since the request came, microseconds;
  ///   -1 where unknown
  /// @param tracked connections that the system's firewall tracks, or -1
  /// @param trackedMax how many it may track, or -1
  /// @param clocks the clocks of servers that answered of late
  record OwnInspected(
      long loopLagMicros, HeapUse heap, long tracked, long trackedMax, List<ServerClock> clocks)
      implements Finding {
    public OwnInspected {
      clocks = List.copyOf(clocks);
    }

    /// A server's clock.
    ///
    /// @param ahead how far it lies ahead of the gateway's; negative where it lies behind
    public record ServerClock(Endpoint endpoint, Duration ahead) {}

    /// Whether no other connection can be tracked: the firewall drops what would be one.
    public boolean isTrackingFull() {
      return trackedMax > 0 && tracked >= trackedMax - trackedMax / 100;
    }
  }

  /// Probes were not sent, because a limit was reached.
  record Withheld(String reason) implements Finding {}
}
