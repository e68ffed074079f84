package io.whygate.gateway.admin;

import io.netty.handler.codec.http.HttpMethod;
import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// `/api/session`: a browser's way in and out, and who it is.
final class SessionApi {
  private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "DELETE");

  private final Tokens tokens;
  private final Sessions sessions;

  SessionApi(Tokens tokens, Sessions sessions) {
    this.tokens = tokens;
    this.sessions = sessions;
  }

  static boolean isAskedBy(Request request) {
    return request.path().equals(List.of("api", "session"));
  }

  Answer.Document answer(Request request, Caller caller, Admission.Admitted admitted) {
    if (request.isRead()) {
      return Answer.json(200, document(admitted));
    }
    if (request.method().equals(HttpMethod.POST)) {
      return enter(request, caller);
    }
    if (request.method().equals(HttpMethod.DELETE)) {
      return leave(caller, admitted);
    }
    return Answer.notAllowed(METHODS);
  }

  /// Whether whoever was let in may stay: a session ends.
  boolean lasts(Admission.Admitted admitted) {
    return admitted.session().isEmpty() || sessions.isOpen(admitted.session().get());
  }

  private String document(Admission.Admitted admitted) {
    JsonWriter json = new JsonWriter().object().member("guarded", tokens.areWanted());
    admitted.role().ifPresent(role -> json.member("role", role.code()));
    admitted.session().ifPresent(session -> json.member("csrf", session.csrf()));
    return json.end().toString();
  }

  private Answer.Document enter(Request request, Caller caller) {
    if (!tokens.areWanted()) {
      return Answer.problem(409, "Nothing to log in to", "No token is set: everything is open.");
    }
    String token;
    try {
      Map<String, Object> body =
          JsonReader.object(new String(request.body(), StandardCharsets.UTF_8));
      if (!(body.get("token") instanceof String shown)) {
        throw new InvalidJsonException("token: not there (expected: whygate.admin.token)");
      }
      token = shown;
    } catch (InvalidJsonException e) {
      return Answer.problem(400, "Bad request", String.valueOf(e.getMessage()));
    }
    return switch (tokens.show(token, caller)) {
      case Tokens.Wrong(var answer) -> answer;
      case Tokens.Right(var role) -> {
        Session session = sessions.open(role, request.header("Host"));
        String document =
            new JsonWriter()
                .object()
                .member("guarded", true)
                .member("role", role.code())
                .member("csrf", session.csrf())
                .end()
                .toString();
        yield new Answer.Document(
            200,
            "application/json",
            document.getBytes(StandardCharsets.UTF_8),
            Map.of("Set-Cookie", sessions.given(session, caller)));
      }
    };
  }

  private Answer.Document leave(Caller caller, Admission.Admitted admitted) {
    return admitted
        .session()
        .map(session -> {
          sessions.close(session);
          return new Answer.Document(
              204,
              "application/json",
              new byte[0],
              Map.of("Set-Cookie", sessions.taken(session, caller)));
        })
        .orElseGet(() -> Answer.notFound("There is no session."));
  }
}
