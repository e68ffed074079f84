package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import java.util.function.ToLongFunction;

/// Tells by what a request differs from others. Asked only while something fails.
final class RequestShapes {
  private RequestShapes() {}

  /// @param clients hashes an address
  /// @param received bytes of the content that came
  static RequestShape of(
      RequestHead request,
      ForwardedFields forwarded,
      ToLongFunction<String> clients,
      long received) {
    FieldSection fields = request.fields();
    RequestFacts.Size size = size(request, received);
    int largest = -1;
    int bytes = 0;
    for (int i = 0; i < fields.count(); i++) {
      int own = fields.valueEnd(i) - fields.valueStart(i);
      if (own > bytes) {
        bytes = own;
        largest = i;
      }
    }
    return new RequestShape(
        request.method(),
        request.path(),
        ClientKind.of(fields.first(FieldName.USER_AGENT)),
        clients.applyAsLong(forwarded.realClient(fields.joined(FieldName.X_FORWARDED_FOR))),
        size.head(),
        largest < 0 ? "" : fields.name(largest),
        bytes,
        size.content());
  }

  /// How large a request is.
  ///
  /// @param received bytes of the content that came
  static RequestFacts.Size size(RequestHead request, long received) {
    FieldSection fields = request.fields();
    return new RequestFacts.Size(
        fields.count() == 0 ? 0 : fields.lineEnd(fields.count() - 1),
        request.framing() == Framing.LENGTH ? request.contentLength() : received);
  }
}
