package io.whygate.gateway.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Asks the admin interface of a gateway that runs.
final class AdminClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final URI base;
  private final String token;

  /// @param base such as `http://127.0.0.1:9180`
  /// @param token empty where none is wanted
  AdminClient(URI base, String token) {
    this.base = base;
    this.token = token;
  }

  /// The gateway cannot be asked, or does not answer as it should; the message is one line.
  static final class AdminException extends Exception {
    private static final long serialVersionUID = 1L;

    AdminException(String message) {
      super(message);
    }
  }

  /// The body of the answer to a GET.
  String get(String path) throws AdminException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(TIMEOUT)
            .header("Accept", "application/json");
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return switch (answer.statusCode()) {
        case 200 -> answer.body();
        case 401, 403 ->
            throw new AdminException(
                base + " wants a token (expected: --token TOKEN, or WHYGATE_ADMIN_TOKEN)");
        case 404 -> throw new AdminException(base.resolve(path) + " is not there");
        default ->
            throw new AdminException(
                base.resolve(path) + " answered " + answer.statusCode() + " (expected: 200)");
      };
    } catch (ConnectException _) {
      throw new AdminException(
          "nothing answers on "
              + base
              + " (expected: a gateway that runs; --admin names its address)");
    } catch (IOException failure) {
      throw new AdminException("cannot ask " + base + ": " + failure.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new AdminException("interrupted");
    }
  }
}
