package io.whygate.gateway.notification;

import io.whygate.diagnostics.json.JsonWriter;
import java.io.IOException;
import java.util.Map;

/// Sends news to a chat by an incoming webhook as Slack has it; Mattermost and Rocket.Chat take the
/// same.
final class SlackDelivery implements Delivery {
  private static final int SHOWN = 10;

  private final JsonPost post;

  SlackDelivery(JsonPost post) {
    this.post = post;
  }

  @Override
  public void send(Bulletin bulletin) throws IOException, InterruptedException, RefusedException {
    StringBuilder text = new StringBuilder();
    Bulletin told = bulletin.forPeople();
    told.news().stream().limit(SHOWN).forEach(each -> write(text, each, told));
    if (told.news().size() > SHOWN) {
      text.append("and ").append(told.news().size() - SHOWN).append(" more\n");
    }
    post.send(
        new JsonWriter().object().member("text", text.toString().strip()).end().toString(),
        Map.of());
  }

  private static void write(StringBuilder text, News news, Bulletin bulletin) {
    Words words = Words.of(news, bulletin);
    String sign =
        switch (news.kind()) {
          case OPENED -> ":red_circle:";
          case CHANGED -> ":large_orange_circle:";
          case RECOVERED -> ":large_green_circle:";
        };
    text.append(sign)
        .append(" *")
        .append(escaped(words.headline()))
        .append("*\n`")
        .append(words.cause())
        .append("`, ")
        .append(words.extent())
        .append('\n');
    if (news.kind() != News.Kind.RECOVERED && !words.because().isEmpty()) {
      text.append("> ").append(escaped(words.because()).replace("\n", "\n> ")).append('\n');
    }
    String link = bulletin.link(news.incident());
    if (!link.isEmpty()) {
      text.append('<').append(link).append("|").append(news.incident().id()).append(">\n");
    } else {
      text.append("Incident ").append(news.incident().id()).append('\n');
    }
  }

  /// The three signs that have a meaning there.
  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
