package io.whygate.gateway.exchange;

import io.whygate.diagnostics.memory.Identity;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import java.util.Map;
import java.util.Objects;

/// The marks that the head of an answer bears; of a cookie only its name.
final class SiteMarks {
  private SiteMarks() {}

  static Identity of(String leafKey, FieldSection fields) {
    return new Identity(leafKey, fields.first(FieldName.SERVER), "")
        .with(
            Map.of(
                Identity.POWERED_BY,
                field(fields, "x-powered-by"),
                Identity.ETAG,
                Identity.etagShape(field(fields, "etag")),
                Identity.COOKIES,
                Identity.cookieName(field(fields, "set-cookie")),
                Identity.STRICT_TRANSPORT,
                field(fields, "strict-transport-security").isEmpty() ? "" : "yes"));
  }

  private static String field(FieldSection fields, String name) {
    return Objects.requireNonNullElse(fields.first(name), "");
  }
}
