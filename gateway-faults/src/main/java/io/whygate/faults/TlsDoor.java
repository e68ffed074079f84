package io.whygate.faults;

import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/// The TLS side of a server: does the handshake on an accepted connection, well or as a [TlsFault]
/// says. Thread-safe.
final class TlsDoor {
  private static final int HANDSHAKE_RECORD = 0x16;

  private final Pki pki;
  private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

  TlsDoor(Pki pki) {
    this.pki = pki;
  }

  /// What came of an accepted connection.
  sealed interface Entry {}

  /// A finished handshake.
  record Handshaken(SSLSocket socket) implements Entry {}

  /// The client, or the server by its fault, speaks plain HTTP; this byte of it was read.
  record Plain(int firstByte) implements Entry {}

  /// It goes no further.
  record TurnedAway() implements Entry {}

  /// Lets one connection in; blocks for the handshake.
  Entry enter(Socket socket, @Nullable TlsFault fault) throws IOException {
    if (fault instanceof TlsFault.PlainHttp) {
      return new Plain(-1);
    }
    if (fault instanceof TlsFault.HandshakeSilence) {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return new TurnedAway();
    }
    int first = socket.getInputStream().read();
    if (first < 0) {
      return new TurnedAway();
    }
    if (first != HANDSHAKE_RECORD) {
      return new Plain(first);
    }
    return switch (fault) {
      case TlsFault.Alert(int number) -> alert(socket, number);
      case TlsFault.OldVersionOnly(String version) -> oldHello(socket, version);
      case TlsFault.HandshakeClose() -> close(socket);
      case TlsFault.BadCertificate bad -> handshake(socket, contextOf(bad), _ -> {});
      case TlsFault.ProtocolsOnly(List<String> protocols) ->
          handshake(socket, good(), p -> p.setProtocols(protocols.toArray(String[]::new)));
      case TlsFault.CiphersOnly(List<String> suites) ->
          handshake(
              socket,
              good(),
              p -> {
                p.setProtocols(new String[] {"TLSv1.2"});
                p.setCipherSuites(suites.toArray(String[]::new));
              });
      case TlsFault.UnrecognizedName() ->
          handshake(socket, good(), p -> p.setSNIMatchers(List.of(new NoName())));
      case TlsFault.ClientCertificateRequired() ->
          handshake(socket, good(), p -> p.setNeedClientAuth(true));
      case TlsFault.PlainHttp(), TlsFault.HandshakeSilence() ->
          throw new AssertionError("dealt with above: " + fault);
      case null -> handshake(socket, good(), _ -> {});
    };
  }

  private SSLContext good() {
    return contexts.computeIfAbsent("good", _ -> pki.server().context(pki.clientRoot()));
  }

  private SSLContext contextOf(TlsFault.BadCertificate fault) {
    return contexts.computeIfAbsent(
        fault.toString(), _ -> pki.showing(fault).context(new X509Certificate[0]));
  }

  private static Entry handshake(
      Socket socket, SSLContext context, Consumer<SSLParameters> adjustment) throws IOException {
    var record = new ByteArrayInputStream(new byte[] {HANDSHAKE_RECORD});
    var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, record, true);
    tls.setUseClientMode(false);
    SSLParameters parameters = tls.getSSLParameters();
    adjustment.accept(parameters);
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return new Handshaken(tls);
  }

  private static Entry alert(Socket socket, int number) throws IOException {
    readRecord(socket.getInputStream());
    socket.getOutputStream().write(TlsRecords.fatalAlert(number));
    return close(socket);
  }

  private static Entry oldHello(Socket socket, String version) throws IOException {
    byte[] hello = readRecord(socket.getInputStream());
    socket.getOutputStream().write(TlsRecords.oldServerHello(hello, version));
    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    return close(socket);
  }

  private static Entry close(Socket socket) throws IOException {
    socket.close();
    return new TurnedAway();
  }

  /// The rest of a record whose first byte was read: its payload.
  private static byte[] readRecord(InputStream in) throws IOException {
    byte[] header = in.readNBytes(4);
    if (header.length < 4) {
      return header;
    }
    return in.readNBytes((header[2] & 0xff) << 8 | (header[3] & 0xff));
  }

  /// Matches no server name, which makes the JDK answer `unrecognized_name`.
  private static final class NoName extends SNIMatcher {
    NoName() {
      super(StandardConstants.SNI_HOST_NAME);
    }

    @Override
    public boolean matches(SNIServerName name) {
      return false;
    }
  }
}
