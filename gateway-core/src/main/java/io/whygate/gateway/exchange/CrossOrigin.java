package io.whygate.gateway.exchange;

import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What pages of other origins are told of their gRPC-Web calls (Fetch, "CORS protocol"). gRPC
/// servers know nothing of it.
final class CrossOrigin {
  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

  /// How long a browser need not ask again, seconds: what gRPC-Web's own proxies say.
  private static final String MAX_AGE = "600";

  private CrossOrigin() {}

  /// The answer to a browser that asks whether it may make a call; null where it asks something
  /// else, or of an origin that may not.
  static @Nullable LocalReply preflight(GrpcWebSettings settings, RequestHead request) {
    FieldSection fields = request.fields();
    String wanted = fields.joined("access-control-request-headers");
    boolean asks =
        request.method().equals("OPTIONS")
            && fields.joined("access-control-request-method").equals("POST")
            && List.of(wanted.toLowerCase(Locale.ROOT).split("[ \t]*,[ \t]*", -1))
                .contains("x-grpc-web");
    List<LocalReply.Field> origin = asks ? origin(settings, fields) : List.of();
    if (origin.isEmpty()) {
      return null;
    }
    List<LocalReply.Field> answer = new ArrayList<>(origin);
    answer.add(new LocalReply.Field("Access-Control-Allow-Methods", "POST"));
    answer.add(new LocalReply.Field("Access-Control-Allow-Headers", wanted));
    answer.add(new LocalReply.Field("Access-Control-Max-Age", MAX_AGE));
    return new LocalReply(204, answer, new byte[0], false);
  }

  /// The fields to add to an answer of a server; none where it has its own word on it.
  static List<LocalReply.Field> of(
      GrpcWebSettings settings, RequestHead request, FieldSection answer) {
    if (answer.first("access-control-allow-origin") != null) {
      return List.of();
    }
    List<String> names = IntStream.range(0, answer.count()).mapToObj(answer::name).toList();
    return of(settings, request, names);
  }

  /// The fields to add to an answer.
  ///
  /// @param names of the fields that it has, which the page may read
  static List<LocalReply.Field> of(
      GrpcWebSettings settings, RequestHead request, List<String> names) {
    List<LocalReply.Field> origin = origin(settings, request.fields());
    if (origin.isEmpty() || names.isEmpty()) {
      return origin;
    }
    List<LocalReply.Field> all = new ArrayList<>(origin);
    all.add(
        new LocalReply.Field(
            "Access-Control-Expose-Headers",
            String.join(", ", names.stream().distinct().toList())));
    return all;
  }

  /// Whether pages of the request's origin may read the answer. With credentials only where the
  /// origin is named.
  private static List<LocalReply.Field> origin(GrpcWebSettings settings, FieldSection fields) {
    String origin = fields.joined("origin");
    if (origin.isEmpty()) {
      return List.of();
    }
    if (!origin.equals(GrpcWebSettings.ANY) && settings.allowOrigins().contains(origin)) {
      return List.of(
          new LocalReply.Field(ALLOW_ORIGIN, origin),
          new LocalReply.Field("Access-Control-Allow-Credentials", "true"),
          new LocalReply.Field("Vary", "Origin"));
    }
    return settings.allowsAny()
        ? List.of(new LocalReply.Field(ALLOW_ORIGIN, GrpcWebSettings.ANY))
        : List.of();
  }
}
