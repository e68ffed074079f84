package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.diagnostics.probe.Finding.Greeted;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;

/// Looks whether a server to which connections are passed on does what it owes: what is spoken
/// there is not the gateway's to speak, but each server of TLS answers a greeting, and none breaks
/// a connection off that says nothing yet. Blocks.
public final class PassedOnProbe {
  private static final int NO_APPLICATION_PROTOCOL = 120;
  private static final int MOMENT_MILLIS = 1000;

  private PassedOnProbe() {}

  /// Whether a greeting of TLS is answered.
  ///
  /// @param alertWillDo whether an alert is an answer; not where one told of the failure, but for
  ///   what a probe cannot know, such as what clients speak within TLS
  public static boolean answersGreeting(
      InetSocketAddress target,
      TlsProbe.Greeting greeting,
      boolean alertWillDo,
      Deadline deadline) {
    ClientHello.Kind kind =
        greeting.serverName().isEmpty() ? ClientHello.Kind.NAMELESS : ClientHello.Kind.USUAL;
    Greeted greeted = ClientHello.greet(target, greeting, kind, deadline);
    return switch (greeted.outcome()) {
      case AGREED, OLDER_VERSION -> true;
      case ALERT -> alertWillDo || greeted.alert() == NO_APPLICATION_PROTOCOL;
      case NOT_CONNECTED, NOT_TLS, SILENT, CLOSED -> false;
    };
  }

  /// Whether a connection stays for a moment, or is ended in an orderly way.
  public static boolean keepsConnection(
      InetSocketAddress target, ProxyProtocol opening, Deadline deadline) {
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      socket.setSoTimeout(Math.min(MOMENT_MILLIS, deadline.remainingMillis()));
      socket.getOutputStream().write(opening.own());
      int _ = socket.getInputStream().read();
      return true;
    } catch (SocketTimeoutException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
