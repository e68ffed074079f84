package io.whygate.gateway.posting;

import io.whygate.gateway.trust.Trust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Posts to one place. No redirect is followed: what is sent is meant for whom the configuration
/// names. Blocks.
public final class HttpPost {
  private static final int MOST_READ = 64 * 1024;

  private final URI uri;
  private final Duration timeout;
  private final Trust trust;

  public HttpPost(URI uri, Duration timeout, Trust trust) {
    this.uri = uri;
    this.timeout = timeout;
    this.trust = trust;
  }

  /// What came back.
  ///
  /// @param retryAfter the field of this name; empty where there is none
  /// @param body its beginning
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  public record Reply(int status, String retryAfter, byte[] body) {
    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }

    /// Whether the same may be taken a little later.
    public boolean isTemporary() {
      return status == 408 || status == 429 || status >= 500;
    }
  }

  /// What connections are kept in, from one message to the next.
  public HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(timeout)
        .sslContext(trust.context())
        .build();
  }

  /// @param fields of the head, the content's type among them
  /// @throws IOException where nobody answers in time
  public Reply send(HttpClient client, byte[] body, Map<String, String> fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("User-Agent", "whygate")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    fields.forEach(request::setHeader);
    Beginning beginning = new Beginning();
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArrayConsumer(beginning));
    try {
      // The request's own limit ends with the head of the answer.
      HttpResponse<Void> head = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return new Reply(
          head.statusCode(),
          head.headers().firstValue("Retry-After").orElse(""),
          beginning.bytes.toByteArray());
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException(String.valueOf(e.getMessage()), e);
    } finally {
      answer.cancel(true);
    }
  }

  private static final class Beginning implements Consumer<Optional<byte[]>> {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void accept(Optional<byte[]> piece) {
      byte[] came = piece.orElse(new byte[0]);
      bytes.write(came, 0, Math.min(came.length, MOST_READ - bytes.size()));
    }
  }
}
