package io.whygate.gateway.ocsp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.whygate.faults.tls.CertificateDraft;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.bouncycastle.cert.ocsp.RevokedStatus;

/// A responder of an authority, which can be told to fail in any way.
public final class Responder implements AutoCloseable {
  private final KeyedCertificate issuer =
      Certificates.authority("Issuer").issuedBy(Certificates.authority("Root").selfSigned());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final List<Long> questions = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour = _ -> {};

  /// What it does with a question.
  public interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  public Responder() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            questions.add(System.nanoTime());
            behaviour.answer(exchange);
          }
        });
    server.start();
  }

  public CertificateDraft draft() {
    return Certificates.leaf("a.test")
        .dns("a.test")
        .responderAt(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/ocsp"));
  }

  /// The same address, its scheme in capitals.
  public CertificateDraft draftInCapitals() {
    return draft()
        .responderAt(URI.create("HTTP://127.0.0.1:" + server.getAddress().getPort() + "/ocsp"));
  }

  /// Answers by what it knew at this time.
  public void vouchFor(KeyedCertificate certificate, Instant from, Duration life) {
    does(exchange ->
        reply(
            exchange,
            200,
            answers().holding(from, from.plus(life)).about(certificate.certificate())));
  }

  public KeyedCertificate issuer() {
    return issuer;
  }

  /// Answers as an authority does, each time anew.
  ///
  /// @param life of an answer
  public void vouchFor(KeyedCertificate certificate, Duration life) {
    does(exchange -> {
      Instant now = Instant.now();
      reply(exchange, 200, answers().holding(now, now.plus(life)).about(certificate.certificate()));
    });
  }

  Answers answers() {
    return Answers.of(issuer);
  }

  public void revoke(KeyedCertificate certificate) {
    does(exchange ->
        reply(
            exchange,
            200,
            answers()
                .saying(new RevokedStatus(Date.from(Instant.now()), 1))
                .about(certificate.certificate())));
  }

  public void does(Behaviour other) {
    behaviour = other;
  }

  /// Answers as it does, but not before this.
  public void waitsFor(CountDownLatch latch) {
    Behaviour then = behaviour;
    does(exchange -> {
      try {
        latch.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      then.answer(exchange);
    });
  }

  public static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/ocsp-response");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  /// How often it was asked.
  public int questions() {
    return questions.size();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
