package io.whygate.faults.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.whygate.faults.tls.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/// Goes to an upstream as a plain proxy would, by the demo's own resolver, and says in a few words
/// what happened.
record Visitor(DemoSite demo) {
  private static final int CONNECT_MILLIS = 1_000;
  private static final int SILENCE_MILLIS = 1_000;

  String visit(String path) throws Exception {
    DemoUpstream upstream =
        demo.upstreams().stream()
            .filter(one -> path.startsWith(one.path()))
            .reduce((a, b) -> a.path().length() > b.path().length() ? a : b)
            .orElseThrow();
    Message answer = resolve(demo.dnsServers().getFirst(), upstream.endpoint().getHost());
    List<ARecord> addresses =
        answer.getSection(Section.ANSWER).stream()
            .filter(ARecord.class::isInstance)
            .map(ARecord.class::cast)
            .toList();
    if (addresses.isEmpty()) {
      boolean alias =
          answer.getSection(Section.ANSWER).stream().anyMatch(CNAMERecord.class::isInstance);
      return Rcode.string(answer.getRcode()) + (alias ? " behind an alias" : "");
    }
    return visit(addresses.getFirst().getAddress(), upstream.endpoint(), path);
  }

  static Message resolve(InetSocketAddress server, String host) throws IOException {
    var resolver = new SimpleResolver(server);
    resolver.setTimeout(Duration.ofSeconds(2));
    return resolver.send(
        Message.newQuery(Record.newRecord(Name.fromString(host, Name.root), Type.A, DClass.IN)));
  }

  String visit(InetAddress address, URI endpoint, String path) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, endpoint.getPort()), CONNECT_MILLIS);
      socket.setSoTimeout(SILENCE_MILLIS);
      Socket wire = endpoint.getScheme().equals("https") ? handshake(socket, endpoint) : socket;
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + endpoint.getHost()
              + "\r\nConnection: close\r\n\r\n";
      wire.getOutputStream().write(request.getBytes(ISO_8859_1));
      return heard(wire.getInputStream());
    } catch (ConnectException e) {
      return "refused";
    } catch (SocketTimeoutException e) {
      return "no connection";
    } catch (SSLException e) {
      return "TLS: " + rootOf(e);
    } catch (SocketException e) {
      return "reset";
    }
  }

  private Socket handshake(Socket socket, URI endpoint) throws Exception {
    X509Certificate root;
    try (InputStream pem = Files.newInputStream(demo.trustedCertificates())) {
      root = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
    var tls =
        (SSLSocket)
            Certificates.trusting(root)
                .getSocketFactory()
                .createSocket(socket, endpoint.getHost(), endpoint.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  private static String heard(InputStream in) throws IOException {
    var text = new ByteArrayOutputStream();
    byte[] buffer = new byte[16 * 1024];
    try {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        text.write(buffer, 0, count);
      }
    } catch (SocketTimeoutException e) {
      return text.size() == 0 ? "silence" : "silence after " + text.toString(ISO_8859_1);
    }
    return text.size() == 0 ? "closed" : text.toString(ISO_8859_1);
  }

  private static String rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }
}
