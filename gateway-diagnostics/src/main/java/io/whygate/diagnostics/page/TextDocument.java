package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;

/// The explanation as prose: plain text for a terminal, Markdown, one line, or a gRPC message.
final class TextDocument {
  private static final String HEX = "0123456789ABCDEF";

  private TextDocument() {}

  /// Plain text, in lines of their natural length.
  static String plain(View view, Texts texts) {
    StringBuilder out = new StringBuilder(1024);
    out.append(view.status()).append("  ").append(texts.title(view.cause())).append("\n\n");
    out.append(ProblemDocument.detail(view, texts)).append('\n');
    out.append(texts.advice(view.cause())).append("\n\n");
    fact(out, texts.get("page.side"), texts.get("side." + Side.of(view.cause()).code()));
    fact(out, texts.get("page.lost"), ProblemDocument.lost(view, texts));
    fact(out, texts.get("page.next"), ProblemDocument.next(view, texts));
    out.append('\n').append(texts.get("page.checks")).append('\n');
    for (StepReport step : view.steps()) {
      out.append("  [").append(mark(step.state())).append("] ");
      out.append(texts.get("step." + step.step().code())).append(": ");
      out.append(texts.finding(step, view.cause())).append('\n');
    }
    out.append('\n');
    String contact = contact(view.contact());
    if (!contact.isEmpty()) {
      fact(out, texts.get("page.contact"), contact);
    }
    fact(out, texts.get("page.incident"), view.incident());
    fact(out, texts.get("page.cause"), view.cause().code());
    fact(out, texts.get("page.since"), view.since().truncatedTo(ChronoUnit.SECONDS).toString());
    return out.toString();
  }

  private static void fact(StringBuilder out, String name, String value) {
    out.append(name).append(name.endsWith("?") ? " " : ": ").append(value).append('\n');
  }

  private static String mark(StepState state) {
    return switch (state) {
      case PASSED -> "ok";
      case FAILED -> "!!";
      case HEALED -> "++";
      case UNKNOWN -> "??";
      case SKIPPED -> "--";
    };
  }

  private static String contact(Contact contact) {
    StringBuilder out = new StringBuilder();
    for (String part :
        new String[] {contact.name(), contact.email(), contact.phone(), contact.url()}) {
      if (!part.isEmpty()) {
        out.append(out.isEmpty() ? "" : ", ").append(part);
      }
    }
    return out.toString();
  }

  /// Markdown (CommonMark).
  static String markdown(View view, Texts texts) {
    StringBuilder out = new StringBuilder(1024);
    out.append("# ").append(texts.title(view.cause())).append("\n\n");
    out.append(escape(ProblemDocument.detail(view, texts))).append('\n');
    out.append(texts.advice(view.cause())).append("\n\n");
    item(out, texts.get("page.side"), texts.get("side." + Side.of(view.cause()).code()));
    item(out, texts.get("page.lost"), ProblemDocument.lost(view, texts));
    item(out, texts.get("page.next"), ProblemDocument.next(view, texts));
    out.append("\n## ").append(texts.get("page.checks")).append("\n\n");
    int number = 0;
    for (StepReport step : view.steps()) {
      out.append(++number).append(". **");
      out.append(texts.get("step." + step.step().code())).append("** (");
      out.append(texts.state(step)).append("): ");
      out.append(escape(texts.finding(step, view.cause()))).append('\n');
    }
    out.append("\n## ").append(texts.get("page.facts")).append("\n\n");
    String contact = contact(view.contact());
    if (!contact.isEmpty()) {
      item(out, texts.get("page.contact"), escape(contact));
    }
    code(out, "status", Integer.toString(view.status()));
    code(out, "cause", view.cause().code());
    code(out, "symptom", view.symptom().code());
    code(out, "request_processed", view.processed().code());
    code(out, "retryable", Boolean.toString(view.retryable()));
    code(out, "retry_after_s", Long.toString(view.retryAfterSeconds()));
    code(out, "incident", view.incident());
    code(out, "since", view.since().truncatedTo(ChronoUnit.SECONDS).toString());
    return out.toString();
  }

  private static void item(StringBuilder out, String name, String value) {
    out.append("- **").append(name).append(name.endsWith("?") ? "** " : "**: ");
    out.append(value).append('\n');
  }

  private static void code(StringBuilder out, String name, String value) {
    out.append("- `").append(name).append("`: `").append(value).append("`\n");
  }

  private static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ("\\`*_[]<>#".indexOf(c) >= 0) {
        out.append('\\');
      }
      out.append(c == '\n' || c == '\r' ? ' ' : c);
    }
    return out.toString();
  }

  /// One line for where nobody will read more.
  static String tiny(View view) {
    return view.status() + " " + view.cause().code() + " " + view.incident() + "\n";
  }

  /// What a gRPC client is told in words.
  static String grpcText(View view, Texts texts) {
    return texts.title(view.cause())
        + ". "
        + ProblemDocument.detail(view, texts)
        + " [cause "
        + view.cause().code()
        + ", incident "
        + view.incident()
        + ", "
        + view.processed().code()
        + "]";
  }

  /// The value of `grpc-message`: percent-encoded UTF-8 (gRPC over HTTP/2, "Responses").
  static String grpcMessage(View view, Texts texts) {
    String message = grpcText(view, texts);
    StringBuilder out = new StringBuilder(message.length() + 32);
    for (byte octet : message.getBytes(StandardCharsets.UTF_8)) {
      if (octet >= 0x20 && octet < 0x7f && octet != '%') {
        out.append((char) octet);
      } else {
        out.append('%').append(HEX.charAt((octet >> 4) & 15)).append(HEX.charAt(octet & 15));
      }
    }
    return out.toString();
  }
}
