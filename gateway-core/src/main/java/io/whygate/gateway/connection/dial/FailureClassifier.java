package io.whygate.gateway.connection.dial;

import io.netty.channel.ChannelException;
import io.netty.handler.ssl.NotSslRecordException;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.gateway.connection.tls.CertificateRejected;
import io.whygate.gateway.connection.tls.HandshakeWatch;
import io.whygate.gateway.connection.tls.TlsAlert;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Turns what the transport and the TLS library throw into failures, by type and error number.
public final class FailureClassifier {
  /// After how long the kernel gives a silent peer up, at the least: keep-alive probes and
  /// unacknowledged data (see [SocketOptions]).
  static final Duration PEER_SILENT = Duration.ofSeconds(60);

  private FailureClassifier() {}

  /// A connection could not be made.
  ///
  /// @param address where to; empty for a Unix socket
  static AttemptFailure notConnected(
      Throwable cause, Optional<InetAddress> address, Duration connectTimeout) {
    int errno = errno(cause);
    return switch (errno) {
      case Errno.ECONNREFUSED -> new AttemptFailure.ConnectRefused();
      case Errno.ETIMEDOUT -> new AttemptFailure.TimedOut(Phase.CONNECT, connectTimeout);
      case Errno.ECONNRESET, Errno.ECONNABORTED ->
          new AttemptFailure.ConnectionLost(Phase.CONNECT, Closing.RESET);
      case Errno.ENETUNREACH, Errno.ENONET ->
          new AttemptFailure.Unreachable(Unreachability.NETWORK);
      case Errno.EHOSTUNREACH, Errno.EHOSTDOWN ->
          new AttemptFailure.Unreachable(Unreachability.HOST);
      // What Linux makes of the rarer ICMP messages: protocol unreachable, a failed source route, a
      // problem with a parameter.
      case Errno.ENOPROTOOPT, Errno.EOPNOTSUPP, Errno.EPROTO ->
          address.isPresent()
              ? new AttemptFailure.Unreachable(Unreachability.HOST)
              : unnamed(cause, address);
      case Errno.ENOENT -> local(LocalProblem.SOCKET_MISSING, cause);
      case Errno.EACCES, Errno.EPERM -> denied(errno, cause, address);
      case Errno.EMFILE -> local(LocalProblem.DESCRIPTORS_EXHAUSTED, cause);
      case Errno.ENFILE -> local(LocalProblem.SYSTEM_DESCRIPTORS_EXHAUSTED, cause);
      case Errno.EADDRNOTAVAIL -> noLocalAddress(cause, address);
      case Errno.EAGAIN ->
          local(
              address.isEmpty() ? LocalProblem.BACKLOG_FULL : LocalProblem.PORTS_EXHAUSTED, cause);
      case 0 -> withoutNumber(cause, address);
      default -> unnamed(cause, address);
    };
  }

  /// An ICMP message ended a try to connect.
  static AttemptFailure told(IcmpMessage icmp) {
    return switch (icmp.meaning()) {
      case PORT_UNREACHABLE -> new AttemptFailure.ConnectRefused();
      case NETWORK_UNREACHABLE -> new AttemptFailure.Unreachable(Unreachability.NETWORK);
      case HOST_UNREACHABLE, PROTOCOL_UNREACHABLE, PROHIBITED, TOO_LARGE, OTHER ->
          new AttemptFailure.Unreachable(Unreachability.HOST);
    };
  }

  /// EACCES and EPERM: by the gateway's own system, but for an IPv6 address that it has a way to,
  /// where Linux shows an ICMPv6 'administratively prohibited' so.
  private static AttemptFailure denied(int errno, Throwable cause, Optional<InetAddress> address) {
    boolean toldByIcmp =
        errno == Errno.EACCES
            && address.filter(Inet6Address.class::isInstance).isPresent()
            && LocalRoute.to(address.get()) == LocalRoute.OPEN;
    return toldByIcmp
        ? new AttemptFailure.Unreachable(Unreachability.HOST)
        : local(LocalProblem.PERMISSION_DENIED, cause);
  }

  /// An error that says nothing by itself, such as EINVAL for a route that drops.
  private static AttemptFailure unnamed(Throwable cause, Optional<InetAddress> address) {
    return address.isPresent() && LocalRoute.to(address.get()) == LocalRoute.NONE
        ? new AttemptFailure.Unreachable(Unreachability.NETWORK)
        : local(LocalProblem.OTHER, cause);
  }

  /// EADDRNOTAVAIL: all ports are taken, unless there is no local address for that family at all.
  private static AttemptFailure noLocalAddress(Throwable cause, Optional<InetAddress> address) {
    boolean routed = address.isEmpty() || LocalRoute.to(address.get()) == LocalRoute.OPEN;
    return routed
        ? local(LocalProblem.PORTS_EXHAUSTED, cause)
        : new AttemptFailure.Unreachable(Unreachability.NETWORK);
  }

  /// What comes as a type alone: from the JDK's transport, and 'no route' from the native one,
  /// where the gateway's own route table tells the two kinds apart.
  private static AttemptFailure withoutNumber(Throwable cause, Optional<InetAddress> address) {
    return switch (cause) {
      case NoRouteToHostException _ ->
          new AttemptFailure.Unreachable(
              address.isPresent() && LocalRoute.to(address.get()) == LocalRoute.NONE
                  ? Unreachability.NETWORK
                  : Unreachability.HOST);
      case BindException _ -> noLocalAddress(cause, address);
      case ConnectException _ -> new AttemptFailure.ConnectRefused();
      default -> unnamed(cause, address);
    };
  }

  private static AttemptFailure local(LocalProblem problem, Throwable cause) {
    return new AttemptFailure.NotDialled(problem, text(cause));
  }

  /// A TLS handshake failed.
  ///
  /// @param watch what was seen of the server's bytes
  static AttemptFailure notSecured(Throwable cause, HandshakeWatch watch) {
    String detail = text(cause);
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof CertificateRejected rejected) {
        return new AttemptFailure.TlsRejected(
            TlsProblem.CERTIFICATE_REJECTED, -1, rejected.chain(), text(rejected));
      }
      if (each instanceof NotSslRecordException) {
        return tls(TlsProblem.NOT_TLS, -1, "the answer does not begin with a TLS record");
      }
    }
    if (watch.alert() >= 0) {
      return tls(TlsProblem.ALERT_RECEIVED, watch.alert(), detail);
    }
    int alert = TlsAlert.in(cause);
    if (alert >= 0) {
      return tls(TlsProblem.ALERT_RECEIVED, alert, detail);
    }
    if (watch.isNotTls()) {
      return tls(TlsProblem.NOT_TLS, -1, "the answer does not begin with a TLS record");
    }
    boolean closed =
        watch.hasEnded()
            || errno(cause) == Errno.ECONNRESET
            || errno(cause) == Errno.EPIPE
            || cause instanceof ClosedChannelException;
    return tls(closed ? TlsProblem.CLOSED : TlsProblem.PROTOCOL, -1, detail);
  }

  private static AttemptFailure tls(TlsProblem problem, int alert, String detail) {
    return new AttemptFailure.TlsRejected(problem, alert, List.of(), detail);
  }

  /// An established connection broke while a request or its answer was under way.
  public static AttemptFailure lost(Throwable cause, Phase phase) {
    switch (errno(cause)) {
      case Errno.ETIMEDOUT, Errno.EHOSTUNREACH, Errno.ENETUNREACH -> {
        return new AttemptFailure.TimedOut(phase, PEER_SILENT);
      }
      case 0 -> {}
      default -> {
        return new AttemptFailure.ConnectionLost(phase, Closing.RESET);
      }
    }
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof SSLException) {
        // TLS 1.3 lets the server refuse a client's certificate after the handshake looked
        // complete.
        int alert = TlsAlert.in(each);
        return tls(alert >= 0 ? TlsProblem.ALERT_RECEIVED : TlsProblem.PROTOCOL, alert, text(each));
      }
      if (each instanceof ClosedChannelException) {
        return new AttemptFailure.ConnectionLost(phase, Closing.FIN);
      }
    }
    return new AttemptFailure.ConnectionLost(phase, Closing.RESET);
  }

  private static int errno(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      int errno = Errno.of(each);
      if (errno != 0) {
        return errno;
      }
      if (!(each instanceof IOException || each instanceof ChannelException)) {
        return 0;
      }
    }
    return 0;
  }

  private static String text(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
