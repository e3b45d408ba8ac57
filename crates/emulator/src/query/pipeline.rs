//! Aggregation pipelines.

use bson::{Bson, Document, doc};

use crate::query::{
    error::{CommandError, FAILED_TO_PARSE, QUERY_MEMORY, Result},
    filter::{Filter, as_integer},
    group::Group,
    projection::Projection,
    sort::Sort,
};

#[derive(Debug)]
pub(crate) enum Stage {
    Match(Filter),
    Project(Projection),
    Sort(Sort),
    Group(Group),
    Count(String),
    Limit(usize),
    Skip(usize),
    /// Its options. The caller runs it, and it is the first.
    CollectionStatistics(Document),
}

/// Documents on their way through a pipeline, one at a time where that is possible.
pub(crate) type Flow = Box<dyn Iterator<Item = Document> + Send>;

/// Bytes that a stage may hold, as in the server.
const MEMORY: usize = 100 << 20;

/// Parses the stages of `aggregate`.
pub(crate) fn parse(stages: &Bson) -> Result<Vec<Stage>> {
    let Bson::Array(stages) = stages else {
        return Err(CommandError::new(14, "'pipeline' option must be specified as an array"));
    };
    let parsed = stages.iter().enumerate().map(|(place, stage)| stage_at(place, stage));
    parsed.collect()
}

fn stage_at(place: usize, stage: &Bson) -> Result<Stage> {
    let single = match stage {
        Bson::Document(stage) if stage.len() == 1 => stage.iter().next(),
        _ => None,
    };
    let (name, value) = single.ok_or_else(|| {
        CommandError::new(40323, "A pipeline stage specification object must contain exactly one field.")
    })?;
    let document = |code: i32| match value {
        Bson::Document(document) => Ok(document),
        _ => Err(CommandError::new(code, format!("the {name} specification must be an object"))),
    };
    let number = || {
        let number = as_integer(value).and_then(|number| usize::try_from(number).ok());
        number
            .ok_or_else(|| CommandError::new(5107201, format!("invalid argument to {name} stage: not a whole number")))
    };
    Ok(match name.as_str() {
        "$match" => Stage::Match(Filter::parse(document(15959)?)?),
        "$project" => {
            let projection = document(15969)?;
            if projection.is_empty() {
                return Err(CommandError::new(
                    51272,
                    "Invalid $project :: caused by :: projection specification must have at least one field",
                ));
            }
            Stage::Project(Projection::parse(projection)?)
        }
        "$sort" => {
            let sort = Sort::parse(document(15973)?)?;
            if sort.is_empty() {
                return Err(CommandError::new(15976, "$sort stage must have at least one sort key"));
            }
            Stage::Sort(sort)
        }
        "$group" => Stage::Group(Group::parse(value)?),
        "$count" => match value {
            Bson::String(field) if !field.is_empty() && !field.starts_with('$') && !field.contains(['.', '\0']) => {
                Stage::Count(field.clone())
            }
            _ => return Err(CommandError::new(40156, "the count field must be a non-empty string")),
        },
        "$limit" => match number()? {
            0 => return Err(CommandError::new(15958, "the limit must be positive")),
            limit => Stage::Limit(limit),
        },
        "$skip" => Stage::Skip(number()?),
        "$collStats" if place == 0 => Stage::CollectionStatistics(document(5447000)?.clone()),
        "$collStats" => {
            return Err(CommandError::new(40602, "$collStats is only valid as the first stage in a pipeline"));
        }
        other => return Err(CommandError::new(40324, format!("Unrecognized pipeline stage name: '{other}'"))),
    })
}

/// Sends documents through the stages.
pub(crate) fn run(stages: Vec<Stage>, documents: Flow) -> Result<Flow> {
    let mut flow = documents;
    for stage in stages {
        flow = match stage {
            Stage::Match(filter) => Box::new(flow.filter(move |document| filter.matches(document))),
            Stage::Project(projection) => Box::new(flow.map(move |document| projection.apply(&document))),
            Stage::Sort(sort) => {
                let mut all = collect(flow)?;
                sort.apply(&mut all);
                Box::new(all.into_iter())
            }
            Stage::Group(group) => Box::new(group.apply(flow)?.into_iter()),
            Stage::Count(field) => {
                let count = flow.count();
                let counted = i32::try_from(count)
                    .map_or_else(|_| Bson::Int64(i64::try_from(count).unwrap_or(i64::MAX)), Bson::Int32);
                Box::new((count > 0).then(|| doc! {field: counted}).into_iter())
            }
            Stage::Limit(limit) => Box::new(flow.take(limit)),
            Stage::Skip(skip) => Box::new(flow.skip(skip)),
            Stage::CollectionStatistics(_) => {
                return Err(CommandError::new(FAILED_TO_PARSE, "$collStats is not supported here"));
            }
        };
    }
    Ok(flow)
}

/// All documents, if the server would hold them in memory.
pub(crate) fn collect(flow: Flow) -> Result<Vec<Document>> {
    let mut size = 0;
    let mut all = Vec::new();
    for document in flow {
        size += bson::RawDocumentBuf::try_from(&document).map_or(0, |raw| raw.as_bytes().len());
        if size > MEMORY {
            let message = format!("Sort exceeded memory limit of {MEMORY} bytes");
            return Err(CommandError::new(QUERY_MEMORY, message));
        }
        all.push(document);
    }
    Ok(all)
}
