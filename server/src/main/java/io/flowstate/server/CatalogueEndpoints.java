package io.flowstate.server;

import io.flowstate.core.Stem;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.Status;
import java.io.IOException;
import java.time.Duration;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /v1/models}, {@code /v1/models/{id}} and {@code /v1/deployments}: what there is to run, and how it stands now. */
final class CatalogueEndpoints {
    private final Gateway gateway;

    CatalogueEndpoints(Gateway gateway) {
        this.gateway = gateway;
    }

    void models(Exchange exchange) throws IOException {
        ObjectNode body = Json.object();
        ArrayNode models = body.putArray("models");
        gateway.catalogue().models().values().forEach(model -> models.add(describe(model)));
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(body));
    }

    void model(Exchange exchange) throws IOException {
        Model model = gateway.catalogue().model(exchange.segment(2));
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(describe(model)));
    }

    void deployments(Exchange exchange) throws IOException {
        ObjectNode body = Json.object();
        ArrayNode deployments = body.putArray("deployments");
        gateway.catalogue().deployments().values().forEach(each -> deployments.add(describe(each)));
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(body));
    }

    private ObjectNode describe(Model model) {
        ObjectNode node = Json.object();
        node.put("id", model.id());
        node.put("title", model.title());
        node.put("task", model.task().id());
        ArrayNode stems = node.putArray("stems");
        model.stems().stream().map(Stem::id).forEach(stems::add);
        Model.Licence licence = model.licence();
        node.putObject("licence")
                .put("weights", licence.weights())
                .put("code", licence.code())
                .put("commercial_use", licence.commercialUse())
                .put("notice", licence.notice())
                .put("terms", licence.terms());
        node.put("size_bytes", model.sizeBytes());
        node.put("quality", model.quality());
        ArrayNode deployments = node.putArray("deployments");
        gateway.catalogue().deployments().values().stream()
                .filter(deployment -> deployment.model().id().equals(model.id()))
                .map(Deployment::id)
                .forEach(deployments::add);
        return node;
    }

    private ObjectNode describe(Deployment deployment) {
        ObjectNode node = Json.object();
        node.put("id", deployment.id());
        node.put("provider", deployment.provider());
        node.put("model", deployment.model().id());
        node.put("task", deployment.task().id());
        node.put("leaves_machine", deployment.leavesMachine());
        Deployment.Price price = deployment.price();
        node.putObject("price")
                .put("usd_per_audio_minute", price.usdPerAudioMinute().orElse(null))
                .put("unpriced", price.usdPerAudioMinute().isEmpty())
                .put("source", price.source())
                .put("as_of", price.asOf().toString());
        node.putObject("limits")
                .put(
                        "max_audio_seconds",
                        deployment.limits().maxAudio().map(Duration::toSeconds).orElse(null));
        node.set("status", describe(gateway.status(deployment)));
        return node;
    }

    private static ObjectNode describe(Status status) {
        ObjectNode node = Json.object();
        node.put("available", status.unavailable().isEmpty());
        status.unavailable().ifPresent(why -> node.put("why", why));
        node.put("warm", status.warm());
        node.put("running", status.running());
        node.put("queued", status.queued());
        if (status.queueCapacity() == Integer.MAX_VALUE) {
            node.putNull("queue_capacity");
        } else {
            node.put("queue_capacity", status.queueCapacity());
        }
        return node;
    }
}
