package io.flowstate.core.catalogue;

import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Deployment.Latency;
import io.flowstate.core.catalogue.Deployment.Limits;
import io.flowstate.core.catalogue.Deployment.Price;
import io.flowstate.core.catalogue.Model.Licence;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small catalogues for tests. */
public final class Samples {
    public static final Model MODEL = model("htdemucs", true);
    public static final Price FREE = price("0");
    public static final Price UNPRICED = new Price(Optional.empty(), "nobody knows", LocalDate.EPOCH);
    public static final Limits NO_LIMITS = new Limits(Optional.empty());

    private Samples() {}

    public static Model model(String id, boolean commercialUse) {
        return new Model(
                id,
                "a model",
                Task.STEMS,
                "demucs",
                List.of(Stem.DRUMS, Stem.BASS, Stem.OTHER, Stem.VOCALS),
                new Licence(commercialUse ? "MIT" : "research use", "MIT", commercialUse, "", ""),
                Map.of(),
                List.of(),
                0,
                "");
    }

    public static Price price(String usdPerAudioMinute) {
        return new Price(Optional.of(new BigDecimal(usdPerAudioMinute)), "its page", LocalDate.EPOCH);
    }

    /** Takes {@code start}, and nothing more for longer audio. */
    public static Latency latency(Duration start) {
        return new Latency(Duration.ZERO, start, 0, 1.5);
    }

    /** On this machine if the provider is called local, elsewhere otherwise; free, and done in a second. */
    public static Deployment deployment(String provider) {
        return new Deployment(
                provider, MODEL, FREE, latency(Duration.ofSeconds(1)), NO_LIMITS, !provider.equals("local"));
    }

    /** Prefers no provider to another. */
    public static Catalogue catalogue(List<Deployment> deployments) {
        return catalogue(deployments, List.of());
    }

    public static Catalogue catalogue(List<Deployment> deployments, List<String> preference) {
        Map<String, Model> models = new LinkedHashMap<>();
        Map<String, Deployment> byId = new LinkedHashMap<>();
        deployments.forEach(each -> models.put(each.model().id(), each.model()));
        deployments.forEach(each -> byId.put(each.id(), each));
        return new Catalogue(
                models, byId, Map.of(Task.STEMS, Map.of("realtime", preference, "background", preference)));
    }
}
