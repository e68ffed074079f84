package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Makes second handshakes: whole ones that keep the certificates, and greetings of other kinds
/// that show what the server would agree to. To a port without TLS it speaks TLS, and to one with
/// TLS plain HTTP, to catch a scheme that is configured wrongly.
///
/// No certificate is refused here, since nothing is sent that anybody would want to protect.
public final class TlsProbe implements Probe {
  /// How long a request in plain HTTP goes ahead of greetings, so that a server that takes one
  /// connection after another, and knows no TLS, has answered it before a greeting keeps it
  /// waiting.
  private static final Duration HEAD_START = Duration.ofMillis(30);

  /// How TLS is spoken to a server: as the gateway does, but that every certificate is taken.
  ///
  /// @param serverName the name that is sent, unless it is an address
  /// @param protocol what is offered by ALPN
  /// @param client the certificate that is shown where the server asks for one
  /// @param opening what the connection begins with
  public record Greeting(
      String serverName,
      UpstreamFacts.Protocol protocol,
      Optional<UpstreamFacts.ClientCertificate> client,
      UpstreamFacts.ProxyProtocol opening) {

    public static Greeting of(UpstreamFacts facts, Endpoint endpoint) {
      return new Greeting(
          facts.serverName().orElse(endpoint.host()),
          facts.protocol(),
          facts.client(),
          facts.proxyProtocol());
    }

    Greeting speaking(UpstreamFacts.Protocol other) {
      return new Greeting(serverName, other, client, opening);
    }
  }

  @Override
  public void ask(Inquiry inquiry) {
    inquiry.target().ifPresent(target -> ask(inquiry, target));
  }

  private static void ask(Inquiry inquiry, InetSocketAddress target) {
    if (inquiry.endpoint().isTcp()) {
      // What is spoken there is not ours to speak.
      return;
    }
    Optional<AttemptFailure> failure = inquiry.exchange().subject().map(FailedAttempt::failure);
    if (!inquiry.endpoint().isTls()) {
      if (failure.filter(TlsProbe::mayBeForWantOfTls).isPresent() && !inquiry.isHeard(HEAD_START)) {
        greet(inquiry, target, ClientHello.Kind.USUAL);
      }
      return;
    }
    if (failure.filter(TlsProbe::isOfNegotiation).isEmpty()) {
      handshake(inquiry, target);
      return;
    }
    inquiry.all(List.of(() -> plain(inquiry, target), () -> greetAfterwards(inquiry, target)));
    OpeningProbe.ask(inquiry);
  }

  private static void greetAfterwards(Inquiry inquiry, InetSocketAddress target) {
    inquiry.isHeard(HEAD_START);
    var tasks = new ArrayList<Runnable>();
    tasks.add(() -> handshake(inquiry, target));
    for (ClientHello.Kind kind : ClientHello.Kind.values()) {
      tasks.add(() -> greet(inquiry, target, kind));
    }
    inquiry.all(tasks);
  }

  private static boolean mayBeForWantOfTls(AttemptFailure failure) {
    return switch (failure) {
      case ConnectionLost _, TimedOut _, MalformedResponse _ -> true;
      default -> false;
    };
  }

  /// A certificate that was refused needs no second opinion on versions and suites.
  private static boolean isOfNegotiation(AttemptFailure failure) {
    return failure.phase() == Phase.TLS_HANDSHAKE
        && !(failure instanceof TlsRejected rejected
            && rejected.problem() == TlsProblem.CERTIFICATE_REJECTED);
  }

  private static void plain(Inquiry inquiry, InetSocketAddress target) {
    if (inquiry.mayAsk()) {
      long started = System.nanoTime();
      Asked answer = HttpProbe.plain(inquiry, target);
      inquiry.report(new Finding.Plain(answer), started);
      inquiry.hear(HttpProbe.understands(answer));
    }
  }

  private static void greet(Inquiry inquiry, InetSocketAddress target, ClientHello.Kind kind) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    Greeted greeted = ClientHello.greet(target, inquiry.greeting(), kind, inquiry.deadline());
    inquiry.report(greeted, started);
  }

  /// Makes a whole handshake and reports what the server showed.
  static void handshake(Inquiry inquiry, InetSocketAddress target) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    inquiry.report(handshake(target, inquiry.greeting(), inquiry.deadline()), started);
  }

  /// Makes a whole handshake with any certificate.
  public static Handshaken handshake(
      InetSocketAddress target, Greeting greeting, Deadline deadline) {
    String serverName = greeting.serverName();
    var witness = new Witness(greeting.client());
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      socket.setSoTimeout(deadline.remainingMillis());
      socket.getOutputStream().write(greeting.opening().own());
      try (SSLSocket secured = secure(socket, greeting, witness)) {
        secured.startHandshake();
        return handshaken(target, serverName, witness, secured.getSession().getProtocol(), "");
      }
    } catch (SocketTimeoutException e) {
      return handshaken(target, serverName, witness, "", "no answer in time");
    } catch (IOException e) {
      return handshaken(target, serverName, witness, "", String.valueOf(e.getMessage()));
    }
  }

  private static Handshaken handshaken(
      InetSocketAddress target,
      String serverName,
      Witness witness,
      String protocol,
      String failure) {
    return new Handshaken(
        target,
        serverName,
        protocol,
        witness.chain.get(),
        witness.clientCertificateWanted.get(),
        "",
        failure);
  }

  /// Puts TLS over a connection, with any certificate; the handshake comes with the first byte.
  static SSLSocket secure(Socket socket, Greeting greeting) throws IOException {
    return secure(socket, greeting, new Witness(greeting.client()));
  }

  /// Makes the handshake: what it agreed on by ALPN; empty for nothing.
  static String agreed(SSLSocket secured) throws IOException {
    secured.startHandshake();
    return secured.getApplicationProtocol();
  }

  private static SSLSocket secure(Socket socket, Greeting greeting, Witness witness)
      throws IOException {
    String serverName = greeting.serverName();
    SSLSocket secured =
        (SSLSocket)
            context(witness)
                .getSocketFactory()
                .createSocket(socket, serverName, socket.getPort(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setApplicationProtocols(greeting.protocol().offered().toArray(String[]::new));
    if (isHostName(serverName)) {
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
    }
    secured.setSSLParameters(parameters);
    return secured;
  }

  static boolean isHostName(String name) {
    return !name.isEmpty() && !Endpoint.isAddressLiteral(name);
  }

  private static SSLContext context(Witness witness) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {witness.keys()}, new TrustManager[] {witness.certificates()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      // Every JDK has TLS.
      throw new AssertionError("TLS", e);
    }
  }

  /// Loads what a first handshake would have to load, which takes a few hundred milliseconds.
  public static void warmUp() {
    try {
      SSLEngine engine =
          context(new Witness(Optional.empty())).createSSLEngine("warm-up.invalid", 443);
      engine.setUseClientMode(true);
      engine.beginHandshake();
      engine.wrap(
          ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
    } catch (IOException e) {
      throw new AssertionError("a greeting into memory", e);
    }
  }

  /// Sees what the server shows and wants, lets it all pass, and shows the gateway's certificate.
  private static final class Witness {
    /// What the one certificate is called.
    private static final String OWN = "own";

    private final Optional<UpstreamFacts.ClientCertificate> own;
    final AtomicReference<List<X509Certificate>> chain = new AtomicReference<>(List.of());
    final AtomicBoolean clientCertificateWanted = new AtomicBoolean();

    Witness(Optional<UpstreamFacts.ClientCertificate> own) {
      this.own = own;
    }

    X509ExtendedTrustManager certificates() {
      return new X509ExtendedTrustManager() {
        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type, Socket socket) {
          chain.set(List.of(shown));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type, SSLEngine engine) {
          chain.set(List.of(shown));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type) {
          chain.set(List.of(shown));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };
    }

    X509ExtendedKeyManager keys() {
      return new X509ExtendedKeyManager() {
        @Override
        public @Nullable String chooseClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
          clientCertificateWanted.set(true);
          return own.isPresent() ? OWN : null;
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
          return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
          return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
          return null;
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
          return own.map(each -> each.chain().toArray(X509Certificate[]::new)).orElse(null);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
          return own.map(UpstreamFacts.ClientCertificate::key).orElse(null);
        }
      };
    }
  }
}
