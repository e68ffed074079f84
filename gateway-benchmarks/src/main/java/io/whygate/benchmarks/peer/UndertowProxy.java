package io.whygate.benchmarks.peer;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.Version;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.accesslog.AccessLogHandler;
import io.undertow.server.handlers.accesslog.DefaultAccessLogReceiver;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The program of [io.whygate.benchmarks.peer.Undertow], one thread for input and output.
///
/// Arguments: port, TLS port, port of the origin, port where nobody listens, certificate, key,
/// folder.
public final class UndertowProxy {
  private static final String LOCAL = "127.0.0.1";
  private static final int KEPT = 256;
  private static final int QUEUED = 1024;
  private static final int REQUEST_MILLIS = 30_000;

  private UndertowProxy() {}

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    if (args[0].equals("--version")) {
      System.out.println(Version.getFullVersionString() + ", Java " + Runtime.version());
      return;
    }
    HttpHandler sites = Handlers.path(proxy(args[2])).addPrefixPath("/dead", proxy(args[3]));
    DefaultAccessLogReceiver log =
        DefaultAccessLogReceiver.builder()
            .setLogWriteExecutor(Executors.newSingleThreadExecutor())
            .setOutputDirectory(Path.of(args[6]))
            .setLogBaseName("access.")
            .build();
    Undertow.builder()
        .setIoThreads(1)
        .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
        .addHttpListener(Integer.parseInt(args[0]), LOCAL)
        .addHttpsListener(Integer.parseInt(args[1]), LOCAL, tls(Path.of(args[4]), Path.of(args[5])))
        .setHandler(
            new AccessLogHandler(sites, log, "combined", UndertowProxy.class.getClassLoader()))
        .build()
        .start();
  }

  private static HttpHandler proxy(String port) {
    return ProxyHandler.builder()
        .setProxyClient(
            new LoadBalancingProxyClient()
                .addHost(URI.create("http://" + LOCAL + ":" + port))
                .setMaxQueueSize(QUEUED)
                .setProblemServerRetry(1)
                .setConnectionsPerThread(KEPT)
                .setSoftMaxConnectionsPerThread(KEPT))
        .setMaxRequestTime(REQUEST_MILLIS)
        .build();
  }

  private static SSLContext tls(Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    Certificate shown;
    try (InputStream pem = Files.newInputStream(certificate)) {
      shown = CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
    String text = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
    PrivateKey secret =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text)));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] none = new char[0];
    store.setKeyEntry("site", secret, none, new Certificate[] {shown});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, none);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
